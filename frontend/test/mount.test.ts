// @vitest-environment happy-dom
// One entry: an element and a transport. What a widget will rely on: it shows the
// snapshot, hears of later ones, takes keys only inside its element, and goes away.

import { expect, test } from "vitest";
import { mount } from "../src/mount";
import type { Snapshot, Transport } from "../src/transport";
import { recorded } from "../src/transport";
import { product } from "./tape";

const drawn = (): Promise<void> => new Promise((done) => setTimeout(done, 30));

function page(transport: Transport): { element: HTMLElement; stop: () => void } {
  document.body.innerHTML = "<div id='a'></div>";
  const element = document.getElementById("a")!;
  return { element, stop: mount(element, transport) };
}

test("it shows where the tape stands", async () => {
  const { element } = page(recorded(product()));
  await drawn();
  expect(element.querySelector(".sg-story")!.textContent).toBe("multiplied");
  expect(element.querySelectorAll(".sg-card").length).toBe(3);
});

test("a pushed snapshot replaces the tape", async () => {
  let push: (snapshot: Snapshot) => void = () => undefined;
  const transport: Transport = {
    ...recorded(product()),
    subscribe: (listener) => {
      push = listener;
      return () => undefined;
    },
  };
  const { element } = page(transport);
  push({ protocol: 1, tape: product(4) });
  await drawn();
  expect(element.querySelector(".sg-steps")!.textContent).toContain("Step 1 of 4");
});

test("a guest takes keys inside its element only", async () => {
  const { element } = page(recorded(product()));
  await drawn();
  const press = (target: EventTarget): boolean =>
    target.dispatchEvent(
      new KeyboardEvent("keydown", {
        key: "ArrowRight",
        bubbles: true,
        cancelable: true,
      }),
    );
  press(document.body);
  await drawn();
  expect(element.querySelector(".sg-story")!.textContent).toBe("multiplied");
  press(element.querySelector(".sg-story")!);
  await drawn();
  expect(element.querySelector(".sg-story")!.textContent).toBe("went back");
});

test("it goes away and leaves nothing", async () => {
  const { element, stop } = page(recorded(product()));
  await drawn();
  stop();
  expect(element.childElementCount).toBe(0);
});

test("a tape without a step says so", async () => {
  const { element } = page(recorded({ ...product(), steps: [] }));
  await drawn();
  expect(element.textContent).toContain("Nothing was recorded");
});
