//! French.

use super::{Text, Texts};

pub(super) const TEXTS: Texts = Texts {
    sign_up: Text {
        subject: "Votre code pour le nouveau compte",
        body: "\
Bonjour,

Saisissez ce code dans la fenêtre où vous avez commencé à créer votre compte :

    {code}

Il est valable 15 minutes et une seule fois. Ne le donnez jamais à quelqu’un qui vous le demande.

Si vous ne vouliez pas créer de compte, ignorez ce message : sans le code, il ne se passe rien.
",
    },
    sign_up_taken: Text {
        subject: "Vous avez déjà un compte",
        body: "\
Bonjour,

Quelqu’un, sans doute vous, a voulu créer un compte avec cette adresse e-mail. Il en existe déjà un.

Se connecter : {link}
Choisir un nouveau mot de passe, si vous avez oublié le vôtre : {reset}

Si ce n’était pas vous, vous n’avez rien à faire.
",
    },
    verify: Text {
        subject: "Votre code pour confirmer cette adresse",
        body: "\
Bonjour {name},

Saisissez ce code pour confirmer que cette adresse est la vôtre :

    {code}

Il est valable 15 minutes et une seule fois.

Si vous ne l’avez pas demandé, ignorez ce message.
",
    },
    reset: Text {
        subject: "Votre code pour un nouveau mot de passe",
        body: "\
Bonjour {name},

Saisissez ce code pour choisir un nouveau mot de passe :

    {code}

Ou ouvrez cette adresse, qui le remplit pour vous :
{link}

Les deux sont valables 15 minutes et une seule fois. Ne donnez jamais le code à quelqu’un qui vous le demande.

Si vous n’avez pas demandé de nouveau mot de passe, ignorez ce message : le vôtre ne change pas.
",
    },
    invitation: Text {
        subject: "Votre compte chez {organization}",
        body: "\
Bonjour {name},

{organization} a créé un compte pour vous. Ouvrez cette adresse pour choisir un mot de passe :
{link}

Elle est valable 7 jours et une seule fois. Passé ce délai, demandez-en une autre à votre administrateur.
",
    },
    password_changed: Text {
        subject: "Votre mot de passe a été modifié",
        body: "\
Bonjour {name},

Le mot de passe de votre compte sur {issuer} vient d’être modifié, et toutes les autres sessions ont été fermées.

Si ce n’était pas vous, choisissez tout de suite un nouveau mot de passe : {issuer}/forgot
",
    },
};
