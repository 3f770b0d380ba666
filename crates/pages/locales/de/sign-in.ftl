# Anmelden, Konto anlegen, Codes und Passwörter unterwegs.
sign-in-title = Anmelden
sign-in-lead = Willkommen. Geben Sie zuerst Ihre E-Mail-Adresse ein.
sign-in-lead-application = Danach geht es weiter zu { $application }.
sign-in-passkey = Mit Passkey anmelden
sign-in-provider = Weiter mit { $provider }
sign-in-no-account = Neu hier?
sign-in-sign-up = Konto anlegen

password-title = Passwort eingeben
password-forgot = Passwort vergessen?

second-factor-title = Noch ein Schritt
second-factor-code = Code aus Ihrer Authenticator-App
second-factor-code-hint = Sechs Ziffern, die alle 30 Sekunden wechseln
second-factor-recovery = Wiederherstellungscode
second-factor-recovery-hint = Einer der Codes, die Sie bei der Einrichtung aufbewahrt haben. Jeder gilt einmal.
second-factor-use-recovery = Stattdessen einen Wiederherstellungscode verwenden
second-factor-use-authenticator = Stattdessen die Authenticator-App verwenden

choose-title = Konto wählen
choose-another = Anderes Konto verwenden

expired-title = Neues Passwort wählen
expired-lead = Das Passwort, mit dem Sie sich angemeldet haben, war vorläufig oder ist abgelaufen. Ab jetzt gilt das neue.
expired-save = Speichern und anmelden

sign-up-title = Konto anlegen
sign-up-lead = Ein Konto für alles bei { $organization }.
sign-up-create = Konto anlegen
sign-up-have-account = Sie haben schon ein Konto?

invitation-title = Einladung annehmen
invitation-heading = Willkommen bei { $organization }
invitation-lead = Für { $email } liegt ein Konto bereit. Nennen Sie uns Ihren Namen und wählen Sie ein Passwort.
invitation-accept = Annehmen und anmelden

forgot-title = Passwort zurücksetzen
forgot-lead = Nennen Sie uns Ihre E-Mail-Adresse. Wenn es dazu ein Konto gibt, schicken wir einen Code dorthin.
forgot-send = Code senden

code-title = Sehen Sie in Ihre E-Mails
code-lead-sign-up = Wir haben einen achtstelligen Code an { $email } geschickt. Geben Sie ihn ein, um zu bestätigen, dass die Adresse Ihnen gehört.
code-lead-reset = Wenn es zu { $email } ein Konto gibt, ist ein achtstelliger Code unterwegs.
code-field = Achtstelliger Code
code-missing = Nichts angekommen? Sehen Sie im Spam-Ordner nach, oder
code-resend = neuen Code senden

new-password-title = Neues Passwort wählen
new-password-lead = Für { $email }. Überall sonst werden Sie abgemeldet.
