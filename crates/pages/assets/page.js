// Small comforts of all pages. Every page works without this file.

const { show, hide } = document.body.dataset;

// A button beside each password that shows what was typed.
for (const input of document.querySelectorAll(".secret input")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "reveal";
  button.setAttribute("aria-controls", input.id);
  const label = () => {
    button.textContent = input.type === "password" ? show : hide;
  };
  button.addEventListener("click", () => {
    input.type = input.type === "password" ? "text" : "password";
    label();
    input.focus();
  });
  // Browsers remember what was typed into a field of type text; a password must not be.
  input.form?.addEventListener("submit", () => {
    input.type = "password";
  });
  label();
  input.after(button);
}

function release(form) {
  delete form.dataset.sent;
  form.removeAttribute("aria-busy");
}

// A form is sent once, however often its button is pressed.
for (const form of document.querySelectorAll("form:not([data-passkey-form])")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    form.setAttribute("aria-busy", "true");
    // Whoever stopped the browser in the meantime may send it again.
    setTimeout(() => release(form), 10_000);
  });
}
// A page that comes back from the browser's memory may be sent again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.forms) release(form);
});

// Another code can be asked for after a while; the button counts down.
for (const button of document.querySelectorAll("button[data-wait-seconds]")) {
  let seconds = Number(button.dataset.waitSeconds);
  const text = button.textContent;
  const tick = () => {
    button.disabled = seconds > 0;
    button.textContent = seconds > 0 ? `${text} (${seconds})` : text;
    if (seconds > 0) setTimeout(tick, 1000);
    seconds -= 1;
  };
  tick();
}

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// On a narrow screen the navigation of the account scrolls sideways; the page's own entry is to be seen.
document.querySelector(".rooms-nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
