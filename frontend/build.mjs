// Build the bundle that the Python package ships: the script and
// the style sheet of the page, and the script of a frame around it.
// `--check` builds again in memory and compares with what is committed, byte for byte:
// whoever installs seegrad needs no Node, and whoever reads the diff may trust it.

import { build } from "esbuild";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const folder = new URL("../src/seegrad/record/static/", import.meta.url).pathname;
const result = await build({
  absWorkingDir: new URL(".", import.meta.url).pathname,
  entryPoints: {
    player: "src/main.ts",
    "player-style": "src/style/player.css",
    frame: "src/frame.ts",
  },
  bundle: true,
  charset: "utf8",
  format: "iife",
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  minify: true,
  outdir: folder,
  target: "es2022",
  write: false,
});

const stale = [];
for (const { path, contents } of result.outputFiles) {
  const name = path.replace("-style", "").slice(path.lastIndexOf("/") + 1);
  const target = join(folder, name);
  if (process.argv.includes("--check")) {
    const committed = await readFile(target).catch(() => Buffer.alloc(0));
    if (!committed.equals(contents)) stale.push(name);
  } else {
    await mkdir(folder, { recursive: true });
    await writeFile(target, contents);
    console.log(`${name}: ${contents.length} bytes`);
  }
}
if (stale.length > 0) {
  console.error(`not what its source gives: ${stale.join(", ")}; run npm run build`);
  process.exitCode = 1;
}
