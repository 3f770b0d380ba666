# Die Seiten eines Kontos.
account-nav = Ihr Konto
room-profile = Profil
room-password = Passwort
room-passkeys = Passkeys
room-authenticator = Authenticator-App
room-recovery-codes = Wiederherstellungscodes
room-sessions = Wo Sie angemeldet sind
room-applications = Verbundene Anwendungen
room-activity = Aktivität

profile-lead = So kennen Sie Anwendungen und Kollegen.
profile-verified = Bestätigt
profile-unverified = Nicht bestätigt
profile-kind = Art des Kontos
account-kind-personal = Persönliches Konto
account-kind-personal-hint = Sie haben es angelegt und verwalten es selbst.
account-kind-enterprise = Konto der Organisation
account-kind-enterprise-hint = Ihre Organisation hat es für Sie angelegt und verwaltet es.
account-kind-federated = Verbundkonto
account-kind-federated-hint = Sie melden sich über Ihre Organisation an; Name und Passwort werden dort verwaltet.

password-none = Sie haben noch kein Passwort. Hier können Sie eines festlegen.
password-set = Hier können Sie Ihr Passwort ändern.
password-changed = Zuletzt geändert am { $date }.
password-elsewhere = Ihre Organisation verwaltet Ihr Passwort. Ändern Sie es dort.
password-others-end = Hier bleiben Sie angemeldet. Alle anderen Sitzungen enden.

passkeys-lead = Melden Sie sich mit Fingerabdruck, Gesicht oder Sicherheitsschlüssel an. Nichts zu merken, nichts zu stehlen.
passkeys-add-title = Passkey hinzufügen
passkeys-need-script = Um einen Passkey hinzuzufügen, brauchen Sie JavaScript und einen Browser, der Passkeys unterstützt.
passkeys-not-here = Passkeys sind hier nicht möglich: Unter der Adresse dieses Servers bewahren Browser keine auf.
passkeys-name = Name des Passkeys
passkeys-name-hint = Damit Sie ihn wiedererkennen, zum Beispiel „Arbeitslaptop“
passkeys-add = Passkey hinzufügen
passkeys-none = Sie haben noch keine Passkeys.
passkeys-synced = Synchronisiert
passkeys-edit = Umbenennen oder entfernen
passkeys-rename = Umbenennen

authenticator-lead = Eine App auf Ihrem Telefon zeigt einen Code, nach dem wir zusätzlich zum Passwort fragen.
authenticator-off = Sie haben noch keine Authenticator-App eingerichtet.
authenticator-start = Einrichten
authenticator-on = Aktiv
authenticator-since = seit { $date }
authenticator-remove-hint = Wenn Sie sie entfernen, genügt zum Anmelden wieder das Passwort allein, sofern Ihre Organisation nicht mehr verlangt.
authenticator-scan = Scannen Sie dieses Bild mit Ihrer Authenticator-App.
authenticator-qr = QR-Code für Ihre Authenticator-App
authenticator-open = In einer App auf diesem Gerät öffnen
authenticator-type = Sie können nicht scannen? Geben Sie diesen Schlüssel in der App ein:
authenticator-code = Code, den die App jetzt zeigt
authenticator-confirm = Bestätigen

recovery-lead = Falls Ihr Telefon einmal weg ist: Jeder Code lässt Sie einmal ohne Authenticator-App hinein.
recovery-fresh = Ihre neuen Codes
recovery-once = Bewahren Sie sie jetzt sicher auf. Sie werden nur dieses eine Mal angezeigt.
recovery-print = Drucken
recovery-left = { $count ->
    [0] Sie haben keine unbenutzten Codes mehr.
    [one] Sie haben noch { $count } unbenutzten Code.
   *[other] Sie haben noch { $count } unbenutzte Codes.
  }
recovery-made = Sie wurden am { $date } erstellt.
recovery-none = Sie haben noch keine Wiederherstellungscodes.
recovery-replace = Neue Codes ersetzen alle alten.
recovery-make = Neue Codes erstellen

sessions-lead = Browser, die in Ihrem Konto angemeldet sind. Beenden Sie, was Sie nicht kennen, und ändern Sie dann Ihr Passwort.
sessions-current = Dieser hier
sessions-seen = zuletzt aktiv:
sessions-began = Angemeldet am { $date }
sessions-end-others = Überall sonst abmelden

applications-lead = Anwendungen, denen Sie erlaubt haben, Ihr Konto zu verwenden.
applications-none = Keine Anwendung verwendet Ihr Konto.
applications-since = Verbunden am { $date }
applications-may = Was sie darf
applications-revoke = Trennen

activity-lead = Was zuletzt mit Ihrem Konto geschah. Wenn etwas nicht von Ihnen war, ändern Sie Ihr Passwort.
activity-none = Noch nichts.
activity-older = Ältere Einträge

happening-of = { $happening }: { $subject }
happening-account-created = Konto angelegt
happening-signed-in-password = Mit Passwort angemeldet
happening-signed-in-passkey = Mit Passkey angemeldet
happening-signed-in-federated = Über einen anderen Anbieter angemeldet
happening-second-factor-passed = Zweiter Schritt bestätigt
happening-sign-in-failed = Fehlgeschlagener Anmeldeversuch
happening-sign-in-throttled = Zu viele Versuche; Anmeldung ausgesetzt
happening-signed-out = Abgemeldet
happening-session-ended = Sitzung beendet
happening-email-verified = E-Mail-Adresse bestätigt
happening-profile-changed = Profil geändert
happening-password-changed = Passwort geändert
happening-password-reset = Passwort per E-Mail zurückgesetzt
happening-code-sent = Code per E-Mail gesendet
happening-passkey-added = Passkey hinzugefügt
happening-passkey-removed = Passkey entfernt
happening-authenticator-added = Authenticator-App eingerichtet
happening-authenticator-removed = Authenticator-App entfernt
happening-recovery-codes-made = Neue Wiederherstellungscodes erstellt
happening-recovery-code-used = Wiederherstellungscode verwendet
happening-consent-given = Anwendung verbunden
happening-consent-revoked = Anwendung getrennt
happening-device-allowed = Gerät verbunden
happening-provider-linked = Mit einem anderen Anbieter verknüpft
happening-administrator-changed = Von der Administration geändert
