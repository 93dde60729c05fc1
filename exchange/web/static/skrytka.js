// Everything works without this; it adds keyboard comfort, the folding menu and protection against a double click.
import { initAll } from "./vendor/govuk-frontend/govuk-frontend.js";

initAll();
