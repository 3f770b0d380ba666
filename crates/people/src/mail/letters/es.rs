//! Spanish.

use super::{Text, Texts};

pub(super) const TEXTS: Texts = Texts {
    sign_up: Text {
        subject: "Su código para la cuenta nueva",
        body: "\
Hola:

Escriba este código en la ventana en la que empezó a crear su cuenta:

    {code}

Vale durante 15 minutos y una sola vez. No se lo dé nunca a quien se lo pida.

Si no quería crear una cuenta, no haga caso de este mensaje: sin el código no ocurre nada.
",
    },
    sign_up_taken: Text {
        subject: "Ya tiene una cuenta",
        body: "\
Hola:

Alguien, probablemente usted, quiso crear una cuenta con esta dirección de correo. Ya existe una.

Iniciar sesión: {link}
Elegir una contraseña nueva, si ha olvidado la suya: {reset}

Si no fue usted, no tiene que hacer nada.
",
    },
    verify: Text {
        subject: "Su código para confirmar esta dirección",
        body: "\
Hola, {name}:

Escriba este código para confirmar que esta dirección es suya:

    {code}

Vale durante 15 minutos y una sola vez.

Si no lo ha pedido, no haga caso de este mensaje.
",
    },
    reset: Text {
        subject: "Su código para una contraseña nueva",
        body: "\
Hola, {name}:

Escriba este código para elegir una contraseña nueva:

    {code}

O abra esta dirección, que lo rellena por usted:
{link}

Ambos valen durante 15 minutos y una sola vez. No dé nunca el código a quien se lo pida.

Si no ha pedido una contraseña nueva, no haga caso de este mensaje: la suya sigue igual.
",
    },
    invitation: Text {
        subject: "Su cuenta en {organization}",
        body: "\
Hola, {name}:

{organization} ha creado una cuenta para usted. Abra esta dirección para elegir una contraseña:
{link}

Vale durante 7 días y una sola vez. Después, pida otra a su administrador.
",
    },
    password_changed: Text {
        subject: "Su contraseña ha cambiado",
        body: "\
Hola, {name}:

La contraseña de su cuenta en {issuer} acaba de cambiar y se han cerrado todas las demás sesiones.

Si no fue usted, elija enseguida una contraseña nueva: {issuer}/forgot
",
    },
};
