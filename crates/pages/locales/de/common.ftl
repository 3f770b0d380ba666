# Wörter, die alle Seiten teilen.
skip = Zum Inhalt springen
foot = Sichere Anmeldung mit Tollgate
continue = Weiter
cancel = Abbrechen
allow = Erlauben
save = Änderungen speichern
remove = Entfernen
or = oder
not-you = Nicht Sie?
back-to-sign-in = Zurück zur Anmeldung
title-problem = Problem:
problems-title = Bitte prüfen Sie Folgendes
added-on = Hinzugefügt am { $date }
last-used = Zuletzt verwendet:
never-used = Noch nicht verwendet

field-email = E-Mail-Adresse
field-password = Passwort
field-present-password = Aktuelles Passwort
field-new-password = Neues Passwort
field-name = Name
field-label = Bezeichnung
field-language = Sprache
field-language-browser = Wie im Browser eingestellt
field-country = Land oder Region
field-country-none = Keine Angabe
password-show = Anzeigen
password-hide = Verbergen
save-password = Passwort speichern

rule-length = { $count ->
    [one] Mindestens { $count } Zeichen, gern mehr
   *[other] Mindestens { $count } Zeichen, gern mehr
  }
rule-common = Keines, das viele verwenden
rule-personal = Ohne Ihren Namen und Ihre E-Mail-Adresse
strength-very-weak = Sehr leicht zu erraten
strength-weak = Leicht zu erraten
strength-fair = Könnte schwerer zu erraten sein
strength-good = Schwer zu erraten
strength-strong = Sehr schwer zu erraten

moment-now = gerade eben
moment-minutes = { $count ->
    [one] vor { $count } Minute
   *[other] vor { $count } Minuten
  }
moment-hours = { $count ->
    [one] vor { $count } Stunde
   *[other] vor { $count } Stunden
  }
moment-days = { $count ->
    [one] gestern
   *[other] vor { $count } Tagen
  }
moment-month = { $month ->
    [m1] Januar
    [m2] Februar
    [m3] März
    [m4] April
    [m5] Mai
    [m6] Juni
    [m7] Juli
    [m8] August
    [m9] September
    [m10] Oktober
    [m11] November
   *[m12] Dezember
  }
moment-date = { $day }. { $month } { $year }
moment-date-time = { $date }, { $time } UTC

device-both = { $browser } auf { $system }
device-unknown = Unbekanntes Gerät
