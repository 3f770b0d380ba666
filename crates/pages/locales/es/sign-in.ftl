# Inicio de sesión, registro, códigos y contraseñas.
sign-in-title = Iniciar sesión
sign-in-lead = Te damos la bienvenida. Escribe primero tu correo electrónico.
sign-in-lead-application = para continuar a { $application }
sign-in-passkey = Usar una llave de acceso
sign-in-provider = Continuar con { $provider }
sign-in-no-account = ¿Es tu primera vez?
sign-in-sign-up = Crea una cuenta

password-title = Escribe tu contraseña
password-forgot = ¿Olvidaste la contraseña?

second-factor-title = Un paso más
second-factor-code = Código de tu aplicación de autenticación
second-factor-code-hint = Seis cifras que cambian cada 30 segundos
second-factor-recovery = Código de recuperación
second-factor-recovery-hint = Uno de los códigos que guardaste al configurarla. Cada uno sirve una sola vez.
second-factor-use-recovery = Usar un código de recuperación
second-factor-use-authenticator = Usar la aplicación de autenticación

choose-title = Elige una cuenta
choose-another = Usar otra cuenta

expired-title = Elige una contraseña nueva
expired-lead = La contraseña con la que has iniciado sesión era provisional o ha caducado. A partir de ahora usarás la nueva.
expired-save = Guardar e iniciar sesión

sign-up-title = Crea tu cuenta
sign-up-lead = Una sola cuenta para todo en { $organization }.
sign-up-create = Crear cuenta
sign-up-have-account = ¿Ya tienes una cuenta?

invitation-title = Aceptar la invitación
invitation-heading = Te damos la bienvenida a { $organization }
invitation-lead = Hay una cuenta preparada para { $email }. Dinos tu nombre y elige una contraseña.
invitation-accept = Aceptar e iniciar sesión

forgot-title = Restablecer la contraseña
forgot-lead = Dinos tu correo electrónico. Si tiene una cuenta, le enviaremos un código.
forgot-send = Enviar código

code-title = Revisa tu correo
code-lead-sign-up = Hemos enviado un código de ocho cifras a { $email }. Escríbelo para confirmar que la dirección es tuya.
code-lead-reset = Si existe una cuenta para { $email }, va en camino un código de ocho cifras.
code-field = Código de ocho cifras
code-missing = ¿No ha llegado nada? Mira en el correo no deseado o
code-resend = envía otro código

new-password-title = Elige una contraseña nueva
new-password-lead = Para { $email }. Se cerrará tu sesión en todos los demás sitios.
