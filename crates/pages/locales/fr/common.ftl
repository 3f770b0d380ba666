# Mots communs à toutes les pages.
skip = Aller au contenu
foot = Connexion sécurisée par Tollgate
continue = Continuer
cancel = Annuler
allow = Autoriser
save = Enregistrer
remove = Supprimer
or = ou
not-you = Pas vous ?
back-to-sign-in = Retour à la connexion
title-problem = Problème :
problems-title = Veuillez vérifier ce qui suit
added-on = Ajoutée le { $date }
last-used = Dernière utilisation :
never-used = Pas encore utilisée

field-email = Adresse e-mail
field-password = Mot de passe
field-present-password = Mot de passe actuel
field-new-password = Nouveau mot de passe
field-name = Nom
field-label = Libellé
field-language = Langue
field-language-browser = Selon mon navigateur
field-country = Pays ou région
field-country-none = Non précisé
password-show = Afficher
password-hide = Masquer
save-password = Enregistrer le mot de passe

rule-length = { $count ->
    [one] Au moins { $count } caractère ; plus long, c’est mieux
   *[other] Au moins { $count } caractères ; plus long, c’est mieux
  }
rule-common = Pas un mot de passe courant
rule-personal = Sans votre nom ni votre adresse e-mail
strength-very-weak = Très facile à deviner
strength-weak = Facile à deviner
strength-fair = Pourrait être plus difficile à deviner
strength-good = Difficile à deviner
strength-strong = Très difficile à deviner

moment-now = à l’instant
moment-minutes = { $count ->
    [one] il y a { $count } minute
   *[other] il y a { $count } minutes
  }
moment-hours = { $count ->
    [one] il y a { $count } heure
   *[other] il y a { $count } heures
  }
moment-days = { $count ->
    [one] hier
   *[other] il y a { $count } jours
  }
moment-month = { $month ->
    [m1] janvier
    [m2] février
    [m3] mars
    [m4] avril
    [m5] mai
    [m6] juin
    [m7] juillet
    [m8] août
    [m9] septembre
    [m10] octobre
    [m11] novembre
   *[m12] décembre
  }
moment-date = { $day } { $month } { $year }
moment-date-time = { $date } à { $time } UTC

device-both = { $browser } sur { $system }
device-unknown = Appareil inconnu
