# Agreeing, devices, signing out, and the mails of a demo.
consent-title = Allow { $application }?
consent-heading = { $application } would like to use your account
consent-publisher = Published by { $publisher }
consent-switch = Switch account
consent-asks = It will be able to
consent-new = New: it will also be able to
consent-agreed = What you allowed before
consent-next = You return to { $destination } next.
consent-later = You can take this back at any time under “Connected applications” in your account.

scope-openid = Recognize you when you come back
scope-profile = See your name and the kind of account you have
scope-email = See your e-mail address
scope-address = See your country
scope-offline-access = Stay connected while you are away
scope-full-profile = See your full profile: name, e-mail address, country and languages
scope-linked-services = See which services are linked to your account
scope-organizations = See the organizations and groups you belong to
scope-products = See which products you have access to
scope-roles = See your roles in your organization
scope-job-function = See your job function
scope-owner-organization = See which organization your account belongs to
scope-additional = See further details of your profile
scope-session = See that you are signed in in this browser
scope-reauthenticated = Ask you to confirm that it is you
scope-service = Use { $service } for you
scope-other = Use the permission “{ $scope }” for you

device-title = Connect a device
device-lead = Enter the code that your device shows.
device-code = Code on the device
device-warning = Only go on if you started this yourself. Never enter a code that somebody sent you.
device-confirm-title = Confirm the device
device-confirm-heading = Connect { $application } on your device?
device-compare = Does your device show exactly this code?
device-refuse = Not my device
device-done-title = Your device is connected
device-done = { $application } goes on by itself. You can close this window.
device-refused-title = Not connected
device-refused = { $application } got no access. You can close this window.

sign-out-title = Sign out
sign-out-heading = Sign out?
sign-out-lead = You will be signed out of this browser and of the applications you opened with it.
sign-out-lead-application = { $application } asks to sign you out of this browser, and of the applications you opened with it.
sign-out-stay = Stay signed in
signed-out-title = You are signed out
signed-out-lead = On a shared computer, close the browser as well.
signed-out-told = These applications are being told
signed-out-go-on = Back to { $application }
signed-out-again = Sign in again

form-post-title = Almost there
form-post-lead = You are being taken to { $application }. If nothing happens, continue by hand.

mail-title = Mail
mail-lead = This demo keeps its mails here instead of sending them.
mail-none = No mail yet.
mail-to = To { $to }
mail-back = All mail
