# Signing in, signing up, codes and passwords on the way.
sign-in-title = Sign in
sign-in-lead = Welcome. Enter your e-mail address to begin.
sign-in-lead-application = to continue to { $application }
sign-in-passkey = Sign in with a passkey
sign-in-provider = Continue with { $provider }
sign-in-no-account = New here?
sign-in-sign-up = Create an account

password-title = Enter your password
password-forgot = Forgot your password?

second-factor-title = One more step
second-factor-code = Code from your authenticator app
second-factor-code-hint = Six digits that change every 30 seconds
second-factor-recovery = Recovery code
second-factor-recovery-hint = One of the codes you kept when you set this up. Each works once.
second-factor-use-recovery = Use a recovery code instead
second-factor-use-authenticator = Use the authenticator app instead

choose-title = Choose an account
choose-another = Use another account

expired-title = Choose a new password
expired-lead = The password you signed in with was temporary or has expired. From now on you sign in with the new one.
expired-save = Save and sign in

sign-up-title = Create your account
sign-up-lead = One account for everything at { $organization }.
sign-up-create = Create account
sign-up-have-account = Already have an account?

invitation-title = Accept your invitation
invitation-heading = Welcome to { $organization }
invitation-lead = An account is ready for { $email }. Tell us your name and choose a password.
invitation-accept = Accept and sign in

forgot-title = Reset your password
forgot-lead = Tell us your e-mail address. If there is an account, we send a code to it.
forgot-send = Send code

code-title = Check your e-mail
code-lead-sign-up = We sent an eight-digit code to { $email }. Enter it to confirm that the address is yours.
code-lead-reset = If there is an account for { $email }, an eight-digit code is on its way.
code-field = Eight-digit code
code-missing = Nothing arrived? Look in the spam folder, or
code-resend = send another code

new-password-title = Choose a new password
new-password-lead = For { $email }. You will be signed out everywhere else.
