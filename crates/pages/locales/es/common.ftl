# Palabras comunes a todas las páginas.
skip = Ir al contenido
foot = Inicio de sesión seguro con Tollgate
continue = Continuar
cancel = Cancelar
allow = Permitir
save = Guardar cambios
remove = Eliminar
or = o
not-you = ¿No eres tú?
back-to-sign-in = Volver al inicio de sesión
title-problem = Problema:
problems-title = Revisa lo siguiente
added-on = Añadida el { $date }
last-used = Último uso:
never-used = Sin usar todavía

field-email = Correo electrónico
field-password = Contraseña
field-present-password = Contraseña actual
field-new-password = Contraseña nueva
field-name = Nombre
field-label = Etiqueta
field-language = Idioma
field-language-browser = Según mi navegador
field-country = País o región
field-country-none = Prefiero no decirlo
password-show = Mostrar
password-hide = Ocultar
save-password = Guardar contraseña

rule-length = { $count ->
    [one] Al menos { $count } carácter; cuanto más larga, mejor
   *[other] Al menos { $count } caracteres; cuanto más larga, mejor
  }
rule-common = Ninguna que use mucha gente
rule-personal = Sin tu nombre ni tu correo electrónico
strength-very-weak = Muy fácil de adivinar
strength-weak = Fácil de adivinar
strength-fair = Podría ser más difícil de adivinar
strength-good = Difícil de adivinar
strength-strong = Muy difícil de adivinar

moment-now = ahora mismo
moment-minutes = { $count ->
    [one] hace { $count } minuto
   *[other] hace { $count } minutos
  }
moment-hours = { $count ->
    [one] hace { $count } hora
   *[other] hace { $count } horas
  }
moment-days = { $count ->
    [one] ayer
   *[other] hace { $count } días
  }
moment-month = { $month ->
    [m1] enero
    [m2] febrero
    [m3] marzo
    [m4] abril
    [m5] mayo
    [m6] junio
    [m7] julio
    [m8] agosto
    [m9] septiembre
    [m10] octubre
    [m11] noviembre
   *[m12] diciembre
  }
moment-date = { $day } de { $month } de { $year }
moment-date-time = { $date }, { $time } UTC

device-both = { $browser } en { $system }
device-unknown = Dispositivo desconocido
