# The pages of an account.
account-nav = Your account
room-profile = Profile
room-password = Password
room-passkeys = Passkeys
room-authenticator = Authenticator app
room-recovery-codes = Recovery codes
room-sessions = Where you are signed in
room-applications = Connected applications
room-activity = Activity

profile-lead = How applications and colleagues know you.
profile-verified = Confirmed
profile-unverified = Not confirmed
profile-kind = Account type
account-kind-personal = Personal account
account-kind-personal-hint = You made it, and you look after it.
account-kind-enterprise = Organization account
account-kind-enterprise-hint = Your organization made it for you and looks after it.
account-kind-federated = Federated account
account-kind-federated-hint = You sign in with your organization’s own sign-in; your name and password are kept there.

password-none = You have no password yet. You can set one here.
password-set = You can change your password here.
password-changed = Last changed { $date }.
password-elsewhere = Your organization keeps your password. Change it there.
password-others-end = You stay signed in here. All other sessions end.

passkeys-lead = Sign in with your fingerprint, your face or a security key. Nothing to remember, nothing to steal.
passkeys-add-title = Add a passkey
passkeys-need-script = Adding a passkey needs JavaScript and a browser that supports passkeys.
passkeys-not-here = Passkeys cannot be used here: this server is reached by an address for which browsers keep none.
passkeys-name = Name of the passkey
passkeys-name-hint = So that you recognize it later, for example “Work laptop”
passkeys-add = Add a passkey
passkeys-none = You have no passkeys yet.
passkeys-synced = Synced
passkeys-edit = Rename or remove
passkeys-rename = Rename

authenticator-lead = An app on your phone shows a code that is asked for after your password.
authenticator-off = You have not set up an authenticator app yet.
authenticator-start = Set up
authenticator-on = Active
authenticator-since = since { $date }
authenticator-remove-hint = When you remove it, your password alone is enough to sign in, unless your organization asks for more.
authenticator-scan = Scan this picture with your authenticator app.
authenticator-qr = QR code for your authenticator app
authenticator-open = Open in an app on this device
authenticator-type = Cannot scan? Enter this key in the app:
authenticator-code = Code that the app shows now
authenticator-confirm = Confirm

recovery-lead = For the day your phone is lost: each code lets you in once in place of the authenticator app.
recovery-fresh = Your new codes
recovery-once = Keep them somewhere safe now. They are shown only this once.
recovery-print = Print
recovery-left = { $count ->
    [0] You have no unused codes left.
    [one] You have { $count } unused code left.
   *[other] You have { $count } unused codes left.
  }
recovery-made = They were made on { $date }.
recovery-none = You have no recovery codes yet.
recovery-replace = New codes replace all old ones.
recovery-make = Make new codes

sessions-lead = Browsers that are signed in to your account. End what you do not recognize, and change your password.
sessions-current = This one
sessions-seen = last seen
sessions-began = Signed in on { $date }
sessions-end-others = Sign out everywhere else

applications-lead = Applications you let use your account.
applications-none = No application uses your account.
applications-since = Connected { $date }
applications-may = What it may do
applications-revoke = Disconnect

activity-lead = What happened to your account lately. If something was not you, change your password.
activity-none = Nothing yet.
activity-older = Older entries

happening-of = { $happening }: { $subject }
happening-account-created = Account created
happening-signed-in-password = Signed in with password
happening-signed-in-passkey = Signed in with a passkey
happening-signed-in-federated = Signed in with another provider
happening-second-factor-passed = Second step confirmed
happening-sign-in-failed = Failed attempt to sign in
happening-sign-in-throttled = Too many attempts; sign-in paused
happening-signed-out = Signed out
happening-session-ended = Session ended
happening-email-verified = E-mail address confirmed
happening-profile-changed = Profile changed
happening-password-changed = Password changed
happening-password-reset = Password reset by e-mail
happening-code-sent = Code sent by e-mail
happening-passkey-added = Passkey added
happening-passkey-removed = Passkey removed
happening-authenticator-added = Authenticator app set up
happening-authenticator-removed = Authenticator app removed
happening-recovery-codes-made = New recovery codes made
happening-recovery-code-used = Recovery code used
happening-consent-given = Application connected
happening-consent-revoked = Application disconnected
happening-device-allowed = Device connected
happening-provider-linked = Linked with another provider
happening-administrator-changed = Changed by an administrator
