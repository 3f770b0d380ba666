# Consentimiento, dispositivos, cierre de sesión y los correos de una demostración.
consent-title = ¿Permitir { $application }?
consent-heading = { $application } quiere usar tu cuenta
consent-publisher = Publicada por { $publisher }
consent-switch = Cambiar de cuenta
consent-asks = Podrá
consent-new = Nuevo: también podrá
consent-agreed = Lo que ya permitiste
consent-next = Después volverás a { $destination }.
consent-later = Puedes retirar este permiso cuando quieras en tu cuenta, en «Aplicaciones conectadas».

scope-openid = Reconocerte cuando vuelvas
scope-profile = Ver tu nombre y el tipo de tu cuenta
scope-email = Ver tu correo electrónico
scope-address = Ver tu país
scope-offline-access = Seguir conectada mientras no estás
scope-full-profile = Ver tu perfil completo: nombre, correo electrónico, país e idiomas
scope-linked-services = Ver qué servicios están vinculados a tu cuenta
scope-organizations = Ver las organizaciones y los grupos a los que perteneces
scope-products = Ver a qué productos tienes acceso
scope-roles = Ver tus funciones en la organización
scope-job-function = Ver tu puesto de trabajo
scope-owner-organization = Ver a qué organización pertenece tu cuenta
scope-additional = Ver otros datos de tu perfil
scope-session = Ver que has iniciado sesión en este navegador
scope-reauthenticated = Pedirte que confirmes que eres tú
scope-service = Usar { $service } por ti
scope-other = Usar el permiso «{ $scope }» por ti

device-title = Conectar un dispositivo
device-lead = Escribe el código que muestra tu dispositivo.
device-code = Código del dispositivo
device-warning = Continúa solo si has empezado esto tú. Nunca escribas un código que te haya enviado otra persona.
device-confirm-title = Confirmar el dispositivo
device-confirm-heading = ¿Conectar { $application } en tu dispositivo?
device-compare = ¿Muestra tu dispositivo exactamente este código?
device-refuse = No es mi dispositivo
device-done-title = Tu dispositivo está conectado
device-done = { $application } continúa por su cuenta. Puedes cerrar esta ventana.
device-refused-title = Sin conectar
device-refused = { $application } no ha obtenido acceso. Puedes cerrar esta ventana.

sign-out-title = Cerrar sesión
sign-out-heading = ¿Cerrar sesión?
sign-out-lead = Se cerrará tu sesión en este navegador y en las aplicaciones que abriste con ella.
sign-out-lead-application = { $application } pide cerrar tu sesión en este navegador y en las aplicaciones que abriste con ella.
sign-out-stay = Mantener la sesión
signed-out-title = Has cerrado la sesión
signed-out-lead = Si el equipo es compartido, cierra también el navegador.
signed-out-told = Estamos avisando a estas aplicaciones
signed-out-go-on = Volver a { $application }
signed-out-again = Iniciar sesión de nuevo

form-post-title = Ya casi está
form-post-lead = Te llevamos a { $application }. Si no ocurre nada, pulsa «Continuar».

mail-title = Correo
mail-lead = Esta demostración guarda aquí sus correos en lugar de enviarlos.
mail-none = Todavía no hay correos.
mail-to = Para { $to }
mail-back = Todos los correos
