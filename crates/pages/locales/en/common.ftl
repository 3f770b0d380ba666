# Words that all pages share.
skip = Skip to content
foot = Secure sign-in by Tollgate
continue = Continue
cancel = Cancel
allow = Allow
save = Save changes
remove = Remove
or = or
not-you = Not you?
back-to-sign-in = Back to sign-in
title-problem = Problem:
problems-title = Please check the following
added-on = Added { $date }
last-used = Last used
never-used = Not used yet

field-email = E-mail address
field-password = Password
field-present-password = Current password
field-new-password = New password
field-name = Name
field-label = Label
field-language = Language
field-language-browser = As my browser prefers
field-country = Country or region
field-country-none = Prefer not to say
password-show = Show
password-hide = Hide
save-password = Save password

rule-length = { $count ->
    [one] At least { $count } character; longer is better
   *[other] At least { $count } characters; longer is better
  }
rule-common = None that many people use
rule-personal = Without your name or e-mail address
strength-very-weak = Very easy to guess
strength-weak = Easy to guess
strength-fair = Could be harder to guess
strength-good = Hard to guess
strength-strong = Very hard to guess

moment-now = just now
moment-minutes = { $count ->
    [one] { $count } minute ago
   *[other] { $count } minutes ago
  }
moment-hours = { $count ->
    [one] { $count } hour ago
   *[other] { $count } hours ago
  }
moment-days = { $count ->
    [one] yesterday
   *[other] { $count } days ago
  }
moment-month = { $month ->
    [m1] January
    [m2] February
    [m3] March
    [m4] April
    [m5] May
    [m6] June
    [m7] July
    [m8] August
    [m9] September
    [m10] October
    [m11] November
   *[m12] December
  }
moment-date = { $day } { $month } { $year }
moment-date-time = { $date }, { $time } UTC

device-both = { $browser } on { $system }
device-unknown = Unknown device
