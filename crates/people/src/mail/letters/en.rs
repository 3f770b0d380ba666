//! English.

use super::{Text, Texts};

pub(super) const TEXTS: Texts = Texts {
    sign_up: Text {
        subject: "Your code for the new account",
        body: "\
Hello,

enter this code in the window where you began to make your account:

    {code}

It is good for 15 minutes, and once. Never give it to anybody who asks you for it.

If you did not want to make an account, ignore this mail: without the code, nothing happens.
",
    },
    sign_up_taken: Text {
        subject: "You already have an account",
        body: "\
Hello,

somebody, most likely you, wanted to make an account with this e-mail address. There is one already.

Sign in: {link}
Set a new password, if you have forgotten yours: {reset}

If that was not you, you need not do anything.
",
    },
    verify: Text {
        subject: "Your code to confirm this address",
        body: "\
Hello {name},

enter this code to confirm that this address is yours:

    {code}

It is good for 15 minutes, and once.

If you did not ask for it, ignore this mail.
",
    },
    reset: Text {
        subject: "Your code for a new password",
        body: "\
Hello {name},

enter this code to set a new password:

    {code}

Or open this address, which fills it in for you:
{link}

Both are good for 15 minutes, and once. Never give the code to anybody who asks you for it.

If you did not ask for a new password, ignore this mail: your password stays as it is.
",
    },
    invitation: Text {
        subject: "Your account at {organization}",
        body: "\
Hello {name},

{organization} has made an account for you. Open this address to choose a password:
{link}

It is good for 7 days, and once. After that, ask your administrator for another one.
",
    },
    password_changed: Text {
        subject: "Your password was changed",
        body: "\
Hello {name},

the password of your account at {issuer} was changed just now, and all other sessions were ended.

If that was not you, set a new password at once: {issuer}/forgot
",
    },
};
