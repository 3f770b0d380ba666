# Consentement, appareils, déconnexion et e-mails d’une démonstration.
consent-title = Autoriser { $application } ?
consent-heading = { $application } souhaite utiliser votre compte
consent-publisher = Publiée par { $publisher }
consent-switch = Changer de compte
consent-asks = Elle pourra
consent-new = Nouveau : elle pourra aussi
consent-agreed = Ce que vous avez déjà autorisé
consent-next = Vous retournerez ensuite vers { $destination }.
consent-later = Vous pouvez revenir sur ce choix à tout moment dans votre compte, sous « Applications connectées ».

scope-openid = Vous reconnaître lorsque vous revenez
scope-profile = Voir votre nom et le type de votre compte
scope-email = Voir votre adresse e-mail
scope-address = Voir votre pays
scope-offline-access = Rester connectée en votre absence
scope-full-profile = Voir votre profil complet : nom, adresse e-mail, pays et langues
scope-linked-services = Voir les services liés à votre compte
scope-organizations = Voir les organisations et les groupes dont vous faites partie
scope-products = Voir les produits auxquels vous avez accès
scope-roles = Voir vos rôles dans votre organisation
scope-job-function = Voir votre fonction
scope-owner-organization = Voir à quelle organisation appartient votre compte
scope-additional = Voir d’autres informations de votre profil
scope-session = Voir que vous êtes connecté dans ce navigateur
scope-reauthenticated = Vous demander de confirmer que c’est bien vous
scope-service = Utiliser { $service } pour vous
scope-other = Utiliser l’autorisation « { $scope } » pour vous

device-title = Connecter un appareil
device-lead = Saisissez le code affiché par votre appareil.
device-code = Code de l’appareil
device-warning = Ne continuez que si vous êtes à l’origine de cette demande. Ne saisissez jamais un code que quelqu’un vous a envoyé.
device-confirm-title = Confirmer l’appareil
device-confirm-heading = Connecter { $application } sur votre appareil ?
device-compare = Votre appareil affiche-t-il exactement ce code ?
device-refuse = Pas mon appareil
device-done-title = Votre appareil est connecté
device-done = { $application } prend le relais. Vous pouvez fermer cette fenêtre.
device-refused-title = Non connecté
device-refused = { $application } n’a obtenu aucun accès. Vous pouvez fermer cette fenêtre.

sign-out-title = Se déconnecter
sign-out-heading = Se déconnecter ?
sign-out-lead = Vous serez déconnecté de ce navigateur et des applications que vous y avez ouvertes.
sign-out-lead-application = { $application } demande à vous déconnecter de ce navigateur et des applications que vous y avez ouvertes.
sign-out-stay = Rester connecté
signed-out-title = Vous êtes déconnecté
signed-out-lead = Sur un ordinateur partagé, fermez aussi le navigateur.
signed-out-told = Ces applications sont prévenues
signed-out-go-on = Retour à { $application }
signed-out-again = Se reconnecter

form-post-title = C’est presque fini
form-post-lead = Vous allez être dirigé vers { $application }. Si rien ne se passe, cliquez sur « Continuer ».

mail-title = E-mails
mail-lead = Cette démonstration garde ses e-mails ici au lieu de les envoyer.
mail-none = Aucun e-mail pour l’instant.
mail-to = À { $to }
mail-back = Tous les e-mails
