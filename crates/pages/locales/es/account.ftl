# Las páginas de una cuenta.
account-nav = Tu cuenta
room-profile = Perfil
room-password = Contraseña
room-passkeys = Llaves de acceso
room-authenticator = Aplicación de autenticación
room-recovery-codes = Códigos de recuperación
room-sessions = Sesiones abiertas
room-applications = Aplicaciones conectadas
room-activity = Actividad

profile-lead = Así te conocen las aplicaciones y las demás personas.
profile-verified = Confirmado
profile-unverified = Sin confirmar
profile-kind = Tipo de cuenta
account-kind-personal = Cuenta personal
account-kind-personal-hint = La creaste tú y tú la gestionas.
account-kind-enterprise = Cuenta de la organización
account-kind-enterprise-hint = Tu organización la creó para ti y la gestiona.
account-kind-federated = Cuenta federada
account-kind-federated-hint = Inicias sesión a través de tu organización; allí se guardan tu nombre y tu contraseña.

password-none = Todavía no tienes contraseña. Puedes crear una aquí.
password-set = Aquí puedes cambiar tu contraseña.
password-changed = Último cambio: { $date }.
password-elsewhere = Tu organización guarda tu contraseña. Cámbiala allí.
password-others-end = Tu sesión sigue abierta aquí. Todas las demás se cierran.

passkeys-lead = Inicia sesión con tu huella, tu cara o una llave de seguridad. Nada que recordar, nada que robar.
passkeys-add-title = Añadir una llave de acceso
passkeys-need-script = Para añadir una llave de acceso hacen falta JavaScript y un navegador compatible.
passkeys-not-here = Aquí no se pueden usar llaves de acceso: los navegadores no las guardan para la dirección de este servidor.
passkeys-name = Nombre de la llave de acceso
passkeys-name-hint = Para reconocerla más adelante, por ejemplo «Portátil del trabajo»
passkeys-add = Añadir una llave de acceso
passkeys-none = Todavía no tienes llaves de acceso.
passkeys-synced = Sincronizada
passkeys-edit = Renombrar o eliminar
passkeys-rename = Renombrar

authenticator-lead = Una aplicación en tu teléfono muestra un código que te pediremos después de la contraseña.
authenticator-off = Todavía no has configurado ninguna aplicación de autenticación.
authenticator-start = Configurar
authenticator-on = Activa
authenticator-since = desde el { $date }
authenticator-remove-hint = Si la eliminas, bastará la contraseña para iniciar sesión, salvo que tu organización exija más.
authenticator-scan = Escanea esta imagen con tu aplicación de autenticación.
authenticator-qr = Código QR para tu aplicación de autenticación
authenticator-open = Abrir en una aplicación de este dispositivo
authenticator-type = ¿No puedes escanear? Escribe esta clave en la aplicación:
authenticator-code = Código que muestra ahora la aplicación
authenticator-confirm = Confirmar

recovery-lead = Por si un día pierdes el teléfono: cada código sustituye una vez a la aplicación de autenticación.
recovery-fresh = Tus códigos nuevos
recovery-once = Guárdalos ahora en un lugar seguro. Solo se muestran esta vez.
recovery-print = Imprimir
recovery-left = { $count ->
    [0] No te quedan códigos sin usar.
    [one] Te queda { $count } código sin usar.
   *[other] Te quedan { $count } códigos sin usar.
  }
recovery-made = Se crearon el { $date }.
recovery-none = Todavía no tienes códigos de recuperación.
recovery-replace = Los códigos nuevos sustituyen a todos los anteriores.
recovery-make = Crear códigos nuevos

sessions-lead = Los navegadores que tienen abierta tu cuenta. Cierra las sesiones que no reconozcas y cambia tu contraseña.
sessions-current = Esta
sessions-seen = última actividad:
sessions-began = Sesión iniciada el { $date }
sessions-end-others = Cerrar todas las demás sesiones

applications-lead = Las aplicaciones a las que permites usar tu cuenta.
applications-none = Ninguna aplicación usa tu cuenta.
applications-since = Conectada el { $date }
applications-may = Qué puede hacer
applications-revoke = Desconectar

activity-lead = Lo último que ha ocurrido en tu cuenta. Si algo no lo hiciste tú, cambia tu contraseña.
activity-none = Todavía nada.
activity-older = Entradas anteriores

happening-of = { $happening }: { $subject }
happening-account-created = Cuenta creada
happening-signed-in-password = Inicio de sesión con contraseña
happening-signed-in-passkey = Inicio de sesión con llave de acceso
happening-signed-in-federated = Inicio de sesión con otro proveedor
happening-second-factor-passed = Segundo paso confirmado
happening-sign-in-failed = Intento fallido de inicio de sesión
happening-sign-in-throttled = Demasiados intentos; inicio de sesión en pausa
happening-signed-out = Sesión cerrada
happening-session-ended = Sesión terminada desde la cuenta
happening-email-verified = Correo electrónico confirmado
happening-profile-changed = Perfil modificado
happening-password-changed = Contraseña cambiada
happening-password-reset = Contraseña restablecida por correo
happening-code-sent = Código enviado por correo
happening-passkey-added = Llave de acceso añadida
happening-passkey-removed = Llave de acceso eliminada
happening-authenticator-added = Aplicación de autenticación configurada
happening-authenticator-removed = Aplicación de autenticación eliminada
happening-recovery-codes-made = Códigos de recuperación nuevos
happening-recovery-code-used = Código de recuperación usado
happening-consent-given = Aplicación conectada
happening-consent-revoked = Aplicación desconectada
happening-device-allowed = Dispositivo conectado
happening-provider-linked = Cuenta vinculada a otro proveedor
happening-administrator-changed = Modificada por la administración
