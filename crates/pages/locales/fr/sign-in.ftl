# Connexion, création de compte, codes et mots de passe.
sign-in-title = Se connecter
sign-in-lead = Bienvenue. Saisissez d’abord votre adresse e-mail.
sign-in-lead-application = pour continuer vers { $application }
sign-in-passkey = Se connecter avec une clé d’accès
sign-in-provider = Continuer avec { $provider }
sign-in-no-account = Première visite ?
sign-in-sign-up = Créer un compte

password-title = Saisissez votre mot de passe
password-forgot = Mot de passe oublié ?

second-factor-title = Encore une étape
second-factor-code = Code de votre application d’authentification
second-factor-code-hint = Six chiffres qui changent toutes les 30 secondes
second-factor-recovery = Code de récupération
second-factor-recovery-hint = L’un des codes que vous avez conservés lors de la configuration. Chacun ne sert qu’une fois.
second-factor-use-recovery = Utiliser plutôt un code de récupération
second-factor-use-authenticator = Utiliser plutôt l’application d’authentification

choose-title = Choisissez un compte
choose-another = Utiliser un autre compte

expired-title = Choisissez un nouveau mot de passe
expired-lead = Le mot de passe que vous venez d’utiliser était provisoire ou a expiré. Désormais, vous vous connecterez avec le nouveau.
expired-save = Enregistrer et se connecter

sign-up-title = Créez votre compte
sign-up-lead = Un seul compte pour tout chez { $organization }.
sign-up-create = Créer le compte
sign-up-have-account = Vous avez déjà un compte ?

invitation-title = Accepter l’invitation
invitation-heading = Bienvenue chez { $organization }
invitation-lead = Un compte est prêt pour { $email }. Indiquez votre nom et choisissez un mot de passe.
invitation-accept = Accepter et se connecter

forgot-title = Réinitialiser le mot de passe
forgot-lead = Indiquez votre adresse e-mail. Si un compte y correspond, nous y envoyons un code.
forgot-send = Envoyer le code

code-title = Consultez vos e-mails
code-lead-sign-up = Nous avons envoyé un code à huit chiffres à { $email }. Saisissez-le pour confirmer que cette adresse est la vôtre.
code-lead-reset = S’il existe un compte pour { $email }, un code à huit chiffres est en route.
code-field = Code à huit chiffres
code-missing = Rien reçu ? Regardez dans les courriers indésirables, ou
code-resend = envoyer un autre code

new-password-title = Choisissez un nouveau mot de passe
new-password-lead = Pour { $email }. Vous serez déconnecté partout ailleurs.
