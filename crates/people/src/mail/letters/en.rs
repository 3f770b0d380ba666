//! English.

use super::{Text, Topic};

pub(super) fn text(topic: Topic) -> Text {
    match topic {
        Topic::SignUp => Text {
            subject: "Your code for the new account",
            body: "\
Hello,

enter this code in the window where you began to make your account:

    {code}

It is good for 15 minutes, and once. Never give it to anybody who asks you for it.

If you did not want to make an account, ignore this mail: without the code, nothing happens.
",
        },
        Topic::SignUpTaken => Text {
            subject: "You already have an account",
            body: "\
Hello,

somebody, most likely you, wanted to make an account with this e-mail address. There is one already.

Sign in: {link}
Set a new password, if you have forgotten yours: {reset}

If that was not you, you need not do anything.
",
        },
        Topic::Verify => Text {
            subject: "Your code to confirm this address",
            body: "\
Hello {name},

enter this code to confirm that this address is yours:

    {code}

It is good for 15 minutes, and once.

If you did not ask for it, ignore this mail.
",
        },
        Topic::Reset => Text {
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
        Topic::Invitation => Text {
            subject: "Your account at {organization}",
            body: "\
Hello {name},

{organization} has made an account for you. Open this address to choose a password:
{link}

It is good for 7 days, and once. After that, ask your administrator for another one.
",
        },
        Topic::PasswordChanged => Text {
            subject: "Your password was changed",
            body: "\
Hello {name},

the password of your account at {issuer} was changed just now, and all other sessions were ended.

If that was not you, set a new password at once: {issuer}/forgot
",
        },
    }
}
