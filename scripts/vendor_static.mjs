// Copies the browser files the pages need from node_modules to app/maps/static/vendor/<package>/<file>.
//
// node scripts/vendor_static.mjs
//
// The folder is made aside and renamed, so a killed run leaves the old set whole. Beside the files lies
// manifest.json: file -> package, version, licence, sha256; app/maps/assets.py serves nothing that is not in it.
// Every url() of a style sheet must point at a copied file, or the run fails: no page may ask another host.
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const MODULES = join(ROOT, "node_modules");
const TARGET = join(ROOT, "app", "maps", "static", "vendor");
const ASIDE = `${TARGET}.new-${process.pid}`;

// One entry a package: folder under vendor/, name under node_modules/, and [from, to] (to is a folder or a file).
const PARTS = [
  { folder: "leaflet", files: [["dist/leaflet.js", ""], ["dist/leaflet.css", ""], ["dist/images/*.png", "images/"]] },
  {
    folder: "leaflet-geoman", name: "@geoman-io/leaflet-geoman-free",
    files: [["dist/leaflet-geoman.js", ""], ["dist/leaflet-geoman.css", ""]],
  },
  { folder: "jquery", files: [["dist/jquery.min.js", ""]] },
  { folder: "bootstrap", files: [["dist/js/bootstrap.bundle.min.js", ""], ["dist/css/bootstrap.min.css", ""]] },
  {
    folder: "bootstrap3",
    files: [["dist/css/bootstrap.css", "css/bootstrap-glyphicons.css"], ["dist/fonts/*.woff2", "fonts/"]],
    edit: keepGlyphicons,
  },
  {
    folder: "leaflet.awesome-markers",
    files: [["dist/leaflet.awesome-markers.js", ""], ["dist/leaflet.awesome-markers.css", ""], ["dist/images/*.png", "images/"]],
  },
  {
    folder: "fontawesome-free", name: "@fortawesome/fontawesome-free",
    files: [["css/all.min.css", "css/"], ["webfonts/*.woff2", "webfonts/"]],
  },
  { folder: "d3", files: [["d3.min.js", ""]], licence: "BSD-3-Clause" }, // stated in its LICENSE only
  {
    folder: "leaflet.markercluster",
    files: [["dist/leaflet.markercluster.js", ""], ["dist/MarkerCluster.css", ""], ["dist/MarkerCluster.Default.css", ""]],
  },
  {
    folder: "leaflet.fullscreen",
    files: [["Control.FullScreen.js", ""], ["Control.FullScreen.css", ""], ["icon-fullscreen.svg", ""]],
    licence: "MIT",
  },
  { folder: "leaflet.vectorgrid", files: [["dist/Leaflet.VectorGrid.bundled.js", ""]] },
  // The build whose workers have a file of their own: it needs no blob, and a browser keeps it compiled.
  {
    folder: "maplibre-gl",
    files: [["dist/maplibre-gl-csp.js", ""], ["dist/maplibre-gl-csp-worker.js", ""], ["dist/maplibre-gl.css", ""]],
  },
  { folder: "maplibre-gl-leaflet", name: "@maplibre/maplibre-gl-leaflet", files: [["leaflet-maplibre-gl.js", ""]] },
  { folder: "htmx.org", files: [["dist/htmx.min.js", ""], ["dist/ext/sse.js", "ext/"]] },
  {
    folder: "noto-sans-sc", name: "@fontsource/noto-sans-sc",
    files: ["400", "500", "700"].flatMap((weight) => [[`${weight}.css`, ""], [`files/*-${weight}-normal.woff2`, "files/"]]),
  },
];

// Of Bootstrap 3 Folium asks for the glyphicons alone; the rest would restyle every page.
function keepGlyphicons(css) {
  return (css.match(/@font-face\s*{[^}]*}|\.glyphicon[^{}]*{[^}]*}/g) ?? []).join("\n");
}

// The old font formats are for browsers that cannot draw these maps; source maps name files we do not ship.
function trim(text) {
  return text
    .replace(/^[ \t]*(\/\/|\/\*)[#@]\s*sourceMappingURL=.*$/gm, "")
    .replace(/^[ \t]*src:\s*url\([^)]*\.eot["']?\)\s*;/gm, "")
    .replace(/,?\s*url\([^)]*\.(?:ttf|eot|woff|svg)(?:[?#][^)]*)?["']?\)\s*format\([^)]*\)/g, "")
    .replace(/src:\s*,\s*/g, "src:");
}

function expand(base, pattern) {
  if (!pattern.includes("*")) return [pattern];
  const folder = dirname(pattern);
  const [head, tail] = pattern.slice(folder.length + 1).split("*");
  const fits = (name) => name.startsWith(head) && name.endsWith(tail);
  return readdirSync(join(base, folder)).filter(fits).sort().map((name) => `${folder}/${name}`);
}

function landAt(source, to) {
  const name = source.split("/").at(-1);
  return to === "" || to.endsWith("/") ? to + name : to;
}

function copyPart(part, manifest) {
  const name = part.name ?? part.folder;
  const base = join(MODULES, name);
  const about = JSON.parse(readFileSync(join(base, "package.json"), "utf8"));
  const licences = readdirSync(base).filter((file) => /^(mit-)?licen[cs]e/i.test(file)).map((file) => [file, ""]);
  for (const [pattern, to] of [...part.files, ...licences]) {
    const sources = expand(base, pattern);
    if (sources.length === 0) throw new Error(`${name}: nothing fits ${pattern}`);
    for (const source of sources) {
      const file = `${part.folder}/${landAt(source, to)}`;
      copyFile(join(base, source), join(ASIDE, file), part.edit);
      manifest[file] = {
        package: about.name, version: about.version, licence: part.licence ?? about.license, sha256: hash(join(ASIDE, file)),
      };
      if (!manifest[file].licence) throw new Error(`${name}: no licence is stated`);
    }
  }
}

function copyFile(from, to, edit = (text) => text) {
  mkdirSync(dirname(to), { recursive: true });
  if (/\.(js|css)$/.test(from)) writeFileSync(to, trim(edit(readFileSync(from, "utf8"))));
  else cpSync(from, to);
}

function hash(path) {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

function checkStyles(manifest) {
  for (const file of Object.keys(manifest).filter((name) => name.endsWith(".css"))) {
    for (const [, , link] of readFileSync(join(ASIDE, file), "utf8").matchAll(/url\((["']?)(.*?)\1\)/g)) {
      const aim = normalize(join(dirname(file), link.split(/[?#]/)[0]));
      if (!/^(data:|#)/.test(link) && !(aim in manifest)) throw new Error(`${file} asks for ${link}, which is not copied`);
    }
  }
}

function dropLeftovers() {
  mkdirSync(dirname(TARGET), { recursive: true });
  for (const name of readdirSync(dirname(TARGET)).filter((one) => /^vendor\.(new|old)-/.test(one))) {
    rmSync(join(dirname(TARGET), name), { recursive: true, force: true });
  }
}

function main() {
  const manifest = {};
  dropLeftovers();
  for (const part of PARTS) copyPart(part, manifest);
  checkStyles(manifest);
  const sorted = Object.fromEntries(Object.entries(manifest).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(join(ASIDE, "manifest.json"), `${JSON.stringify(sorted, null, 1)}\n`);
  const old = `${TARGET}.old-${process.pid}`;
  if (existsSync(TARGET)) renameSync(TARGET, old);
  renameSync(ASIDE, TARGET);
  rmSync(old, { recursive: true, force: true });
  process.stderr.write(`${Object.keys(sorted).length} files in ${relative(ROOT, TARGET)}\n`);
}

main();
