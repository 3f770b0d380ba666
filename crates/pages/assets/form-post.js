// Sends the answer of a sign-in on to the application. The Continue button does the same by hand.
document.querySelector("form[data-form-post]")?.submit();
