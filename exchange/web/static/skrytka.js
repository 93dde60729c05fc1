// Everything works without this; it adds keyboard comfort, the folding menu and protection against a double click.
import { initAll } from "./vendor/govuk-frontend/govuk-frontend.js";

initAll();

// The file chooser's accessible name holds a hidden comma inside the words one sees, so that whoever says the visible
// words to a speech control would not reach it (WCAG 2.5.3). A blank separates the words as well.
for (const comma of document.querySelectorAll(".govuk-file-upload-button [id$='-comma']")) {
  comma.replaceChildren();
  comma.after(" ");
}
