# Zustimmen, Geräte, Abmelden und die E-Mails einer Demo.
consent-title = { $application } erlauben?
consent-heading = { $application } möchte Ihr Konto verwenden
consent-publisher = Herausgegeben von { $publisher }
consent-switch = Konto wechseln
consent-asks = Die Anwendung darf dann
consent-new = Neu: Die Anwendung darf dann außerdem
consent-agreed = Was Sie schon erlaubt haben
consent-next = Danach geht es zurück zu { $destination }.
consent-later = Sie können das jederzeit in Ihrem Konto unter „Verbundene Anwendungen“ widerrufen.

scope-openid = Sie wiedererkennen, wenn Sie zurückkommen
scope-profile = Ihren Namen und die Art Ihres Kontos sehen
scope-email = Ihre E-Mail-Adresse sehen
scope-address = Ihr Land sehen
scope-offline-access = Verbunden bleiben, während Sie nicht da sind
scope-full-profile = Ihr ganzes Profil sehen: Name, E-Mail-Adresse, Land und Sprachen
scope-linked-services = Sehen, welche Dienste mit Ihrem Konto verknüpft sind
scope-organizations = Die Organisationen und Gruppen sehen, zu denen Sie gehören
scope-products = Sehen, auf welche Produkte Sie Zugriff haben
scope-roles = Ihre Rollen in Ihrer Organisation sehen
scope-job-function = Ihre berufliche Funktion sehen
scope-owner-organization = Sehen, zu welcher Organisation Ihr Konto gehört
scope-additional = Weitere Angaben Ihres Profils sehen
scope-session = Sehen, dass Sie in diesem Browser angemeldet sind
scope-reauthenticated = Sie bitten zu bestätigen, dass Sie es sind
scope-service = { $service } für Sie verwenden
scope-other = Die Berechtigung „{ $scope }“ für Sie verwenden

device-title = Gerät verbinden
device-lead = Geben Sie den Code ein, den Ihr Gerät anzeigt.
device-code = Code auf dem Gerät
device-warning = Machen Sie nur weiter, wenn Sie das selbst begonnen haben. Geben Sie nie einen Code ein, den Ihnen jemand geschickt hat.
device-confirm-title = Gerät bestätigen
device-confirm-heading = { $application } auf Ihrem Gerät verbinden?
device-compare = Zeigt Ihr Gerät genau diesen Code?
device-refuse = Nicht mein Gerät
device-done-title = Ihr Gerät ist verbunden
device-done = { $application } macht von selbst weiter. Sie können dieses Fenster schließen.
device-refused-title = Nicht verbunden
device-refused = { $application } hat keinen Zugriff erhalten. Sie können dieses Fenster schließen.

sign-out-title = Abmelden
sign-out-heading = Abmelden?
sign-out-lead = Sie werden in diesem Browser abgemeldet, auch bei den Anwendungen, die Sie damit geöffnet haben.
sign-out-lead-application = { $application } möchte Sie in diesem Browser abmelden, auch bei den Anwendungen, die Sie damit geöffnet haben.
sign-out-stay = Angemeldet bleiben
signed-out-title = Sie sind abgemeldet
signed-out-lead = Schließen Sie an einem gemeinsam genutzten Computer auch den Browser.
signed-out-told = Diese Anwendungen werden benachrichtigt
signed-out-go-on = Zurück zu { $application }
signed-out-again = Wieder anmelden

form-post-title = Gleich geschafft
form-post-lead = Es geht weiter zu { $application }. Wenn nichts geschieht, klicken Sie auf „Weiter“.

mail-title = E-Mails
mail-lead = Diese Demo bewahrt ihre E-Mails hier auf, statt sie zu versenden.
mail-none = Noch keine E-Mails.
mail-to = An { $to }
mail-back = Alle E-Mails
