# Les pages d’un compte.
account-nav = Votre compte
room-profile = Profil
room-password = Mot de passe
room-passkeys = Clés d’accès
room-authenticator = Application d’authentification
room-recovery-codes = Codes de récupération
room-sessions = Vos connexions
room-applications = Applications connectées
room-activity = Activité

profile-lead = Ce que voient de vous les applications et vos collègues.
profile-verified = Confirmée
profile-unverified = Non confirmée
profile-kind = Type de compte
account-kind-personal = Compte personnel
account-kind-personal-hint = Vous l’avez créé et vous le gérez.
account-kind-enterprise = Compte d’organisation
account-kind-enterprise-hint = Votre organisation l’a créé pour vous et le gère.
account-kind-federated = Compte fédéré
account-kind-federated-hint = Vous vous connectez par votre organisation ; votre nom et votre mot de passe y sont conservés.

password-none = Vous n’avez pas encore de mot de passe. Vous pouvez en définir un ici.
password-set = Vous pouvez modifier votre mot de passe ici.
password-changed = Dernière modification : { $date }.
password-elsewhere = Votre organisation conserve votre mot de passe. Modifiez-le auprès d’elle.
password-others-end = Vous restez connecté ici. Toutes les autres sessions prennent fin.

passkeys-lead = Connectez-vous avec votre empreinte, votre visage ou une clé de sécurité. Rien à retenir, rien à voler.
passkeys-add-title = Ajouter une clé d’accès
passkeys-need-script = Pour ajouter une clé d’accès, il faut JavaScript et un navigateur compatible.
passkeys-not-here = Les clés d’accès ne sont pas possibles ici : les navigateurs n’en conservent pas pour l’adresse de ce serveur.
passkeys-name = Nom de la clé d’accès
passkeys-name-hint = Pour la reconnaître plus tard, par exemple « Ordinateur du bureau »
passkeys-add = Ajouter une clé d’accès
passkeys-none = Vous n’avez pas encore de clé d’accès.
passkeys-synced = Synchronisée
passkeys-edit = Renommer ou supprimer
passkeys-rename = Renommer

authenticator-lead = Une application sur votre téléphone affiche un code, demandé après votre mot de passe.
authenticator-off = Vous n’avez pas encore configuré d’application d’authentification.
authenticator-start = Configurer
authenticator-on = Active
authenticator-since = depuis le { $date }
authenticator-remove-hint = Si vous la supprimez, votre mot de passe suffira pour vous connecter, sauf si votre organisation exige davantage.
authenticator-scan = Scannez cette image avec votre application d’authentification.
authenticator-qr = QR code pour votre application d’authentification
authenticator-open = Ouvrir dans une application sur cet appareil
authenticator-type = Impossible de scanner ? Saisissez cette clé dans l’application :
authenticator-code = Code affiché maintenant par l’application
authenticator-confirm = Confirmer

recovery-lead = Si un jour vous perdez votre téléphone : chaque code remplace une fois l’application d’authentification.
recovery-fresh = Vos nouveaux codes
recovery-once = Conservez-les dès maintenant en lieu sûr. Ils ne sont affichés que cette fois.
recovery-print = Imprimer
recovery-left = { $count ->
    [0] Il ne vous reste aucun code inutilisé.
    [one] Il vous reste { $count } code inutilisé.
   *[other] Il vous reste { $count } codes inutilisés.
  }
recovery-made = Ils ont été créés le { $date }.
recovery-none = Vous n’avez pas encore de codes de récupération.
recovery-replace = De nouveaux codes remplacent tous les anciens.
recovery-make = Créer de nouveaux codes

sessions-lead = Les navigateurs connectés à votre compte. Mettez fin à ce que vous ne reconnaissez pas, puis changez votre mot de passe.
sessions-current = Celui-ci
sessions-seen = dernière activité :
sessions-began = Connecté le { $date }
sessions-end-others = Se déconnecter partout ailleurs

applications-lead = Les applications que vous avez autorisées à utiliser votre compte.
applications-none = Aucune application n’utilise votre compte.
applications-since = Connectée le { $date }
applications-may = Ce qu’elle peut faire
applications-revoke = Déconnecter

activity-lead = Ce qui s’est passé récemment sur votre compte. Si quelque chose ne vient pas de vous, changez votre mot de passe.
activity-none = Rien pour l’instant.
activity-older = Entrées plus anciennes

happening-of = { $happening } : { $subject }
happening-account-created = Compte créé
happening-signed-in-password = Connexion par mot de passe
happening-signed-in-passkey = Connexion par clé d’accès
happening-signed-in-federated = Connexion par un autre fournisseur
happening-second-factor-passed = Seconde étape confirmée
happening-sign-in-failed = Échec de connexion
happening-sign-in-throttled = Trop de tentatives ; connexion suspendue
happening-signed-out = Déconnexion
happening-session-ended = Session terminée
happening-email-verified = Adresse e-mail confirmée
happening-profile-changed = Profil modifié
happening-password-changed = Mot de passe modifié
happening-password-reset = Mot de passe réinitialisé par e-mail
happening-code-sent = Code envoyé par e-mail
happening-passkey-added = Clé d’accès ajoutée
happening-passkey-removed = Clé d’accès supprimée
happening-authenticator-added = Application d’authentification configurée
happening-authenticator-removed = Application d’authentification supprimée
happening-recovery-codes-made = Nouveaux codes de récupération créés
happening-recovery-code-used = Code de récupération utilisé
happening-consent-given = Application connectée
happening-consent-revoked = Application déconnectée
happening-device-allowed = Appareil connecté
happening-provider-linked = Compte lié à un autre fournisseur
happening-administrator-changed = Modification par un administrateur
