// The page in a file: it finds the tape that was written into it and plays it.

import { mount } from "./mount";
import type { TapeData } from "./tape/format";
import { recorded } from "./transport";

const place = document.getElementById("seegrad-player");
const data = document.getElementById("seegrad-tape");
if (place !== null && data !== null) {
  place.removeAttribute("class"); // the look of the text that was there without scripts
  mount(place, recorded(JSON.parse(data.textContent ?? "") as TapeData), document);
}
