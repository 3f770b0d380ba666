//! German.

use super::{Text, Texts};

pub(super) const TEXTS: Texts = Texts {
    sign_up: Text {
        subject: "Ihr Code für das neue Konto",
        body: "\
Guten Tag

Geben Sie diesen Code in dem Fenster ein, in dem Sie Ihr Konto angelegt haben:

    {code}

Er gilt 15 Minuten lang und nur einmal. Geben Sie ihn niemandem weiter, der danach fragt.

Wenn Sie kein Konto anlegen wollten, beachten Sie diese E-Mail nicht: Ohne den Code geschieht nichts.
",
    },
    sign_up_taken: Text {
        subject: "Sie haben bereits ein Konto",
        body: "\
Guten Tag

Jemand, vermutlich Sie selbst, wollte mit dieser E-Mail-Adresse ein Konto anlegen. Es gibt schon eines.

Anmelden: {link}
Neues Passwort setzen, falls Sie Ihres vergessen haben: {reset}

Wenn Sie das nicht waren, brauchen Sie nichts zu tun.
",
    },
    verify: Text {
        subject: "Ihr Code zum Bestätigen dieser Adresse",
        body: "\
Guten Tag {name}

Geben Sie diesen Code ein, um zu bestätigen, dass diese Adresse Ihnen gehört:

    {code}

Er gilt 15 Minuten lang und nur einmal.

Wenn Sie ihn nicht angefordert haben, beachten Sie diese E-Mail nicht.
",
    },
    reset: Text {
        subject: "Ihr Code für ein neues Passwort",
        body: "\
Guten Tag {name}

Geben Sie diesen Code ein, um ein neues Passwort zu setzen:

    {code}

Oder öffnen Sie diese Adresse, die ihn für Sie einträgt:
{link}

Beide gelten 15 Minuten lang und nur einmal. Geben Sie den Code niemandem weiter, der danach fragt.

Wenn Sie kein neues Passwort wollten, beachten Sie diese E-Mail nicht: Ihr Passwort bleibt, wie es ist.
",
    },
    invitation: Text {
        subject: "Ihr Konto bei {organization}",
        body: "\
Guten Tag {name}

{organization} hat ein Konto für Sie angelegt. Öffnen Sie diese Adresse, um ein Passwort zu wählen:
{link}

Sie gilt 7 Tage lang und nur einmal. Danach bitten Sie Ihre Administratorin oder Ihren Administrator um eine neue.
",
    },
    password_changed: Text {
        subject: "Ihr Passwort wurde geändert",
        body: "\
Guten Tag {name}

Das Passwort Ihres Kontos bei {issuer} wurde soeben geändert; alle anderen Sitzungen wurden beendet.

Wenn Sie das nicht waren, setzen Sie sofort ein neues Passwort: {issuer}/forgot
",
    },
};
