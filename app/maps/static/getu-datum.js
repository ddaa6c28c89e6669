/* Getu 格图 · datums: degrees and metres of the systems that people read, and back. Equal to the service's own to a millimetre. */
(function () {
  "use strict";
  const RAD = Math.PI / 180;
  const KEPT = "getu-datum";

  /* GCJ-02: the published forward formula; the way back by iteration. Outside China nothing is shifted. */
  const GCJ_A = 6378245.0;
  const GCJ_E2 = 0.00669342162296594323;
  const inChina = (lon, lat) => lon >= 72.004 && lon <= 137.8347 && lat >= 0.8293 && lat <= 55.8271;
  const waves = (turn, ...terms) => (terms.reduce((sum, [height, slow]) => sum + height * Math.sin(turn * (Math.PI / slow)), 0) * 2) / 3;
  function toGcj([lon, lat]) {
    if (!inChina(lon, lat)) return [lon, lat];
    const x = lon - 105;
    const y = lat - 35;
    const root = Math.sqrt(Math.abs(x));
    const common = waves(x, [20, 1 / 6], [20, 1 / 2]);
    const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common + waves(y, [20, 1], [40, 3]) + waves(y, [160, 12], [320, 30]);
    const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common + waves(x, [20, 1], [40, 3]) + waves(x, [150, 12], [300, 30]);
    const bulge = 1 - GCJ_E2 * Math.sin(lat * RAD) ** 2;
    return [lon + east / (((GCJ_A / Math.sqrt(bulge)) * Math.cos(lat * RAD) * Math.PI) / 180), lat + north / (((GCJ_A * (1 - GCJ_E2)) / (bulge * Math.sqrt(bulge))) * (Math.PI / 180))];
  }
  /* BD-09 is GCJ-02 turned and stretched once more. */
  const TURN = (Math.PI * 3000) / 180;
  function toBaidu(point) {
    if (!inChina(point[0], point[1])) return [point[0], point[1]];
    const [x, y] = toGcj(point);
    const far = Math.sqrt(x * x + y * y) + 0.00002 * Math.sin(y * TURN);
    const angle = Math.atan2(y, x) + 0.000003 * Math.cos(x * TURN);
    return [far * Math.cos(angle) + 0.0065, far * Math.sin(angle) + 0.006];
  }

  /* Transverse Mercator on the CGCS2000 ellipsoid, scale 1, false easting 500 km: Krueger's series in n, below a micrometre in a zone. */
  const A = 6378137.0;
  const F = 1 / 298.257222101;
  const N = F / (2 - F);
  const RECTIFYING = (A / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64 + N ** 6 / 256);
  const ALPHA = [N / 2 - (2 * N ** 2) / 3 + (5 * N ** 3) / 16 + (41 * N ** 4) / 180, (13 * N ** 2) / 48 - (3 * N ** 3) / 5 + (557 * N ** 4) / 1440, (61 * N ** 3) / 240 - (103 * N ** 4) / 140, (49561 * N ** 4) / 161280];
  function toZone([lon, lat], meridian) {
    const e = (2 * Math.sqrt(N)) / (1 + N);
    const sin = Math.sin(lat * RAD);
    const t = Math.sinh(Math.atanh(sin) - e * Math.atanh(e * sin));
    const l = (lon - meridian) * RAD;
    const xi = Math.atan2(t, Math.cos(l));
    const eta = Math.atanh(Math.sin(l) / Math.sqrt(1 + t * t));
    const sum = (one, other) => ALPHA.reduce((all, a, j) => all + a * one(2 * (j + 1) * xi) * other(2 * (j + 1) * eta), 0);
    return [500000 + RECTIFYING * (eta + sum(Math.cos, Math.sinh)), RECTIFYING * (xi + sum(Math.sin, Math.cosh))];
  }

  const same = ([lon, lat]) => [lon, lat];
  const moves = { cgcs2000: same, wgs84: same, gcj02: toGcj, bd09: toBaidu };
  const meridianOf = () => {
    const [west, , east] = Getu.config.bounds;
    return Math.round((west + east) / 2 / 3) * 3;
  };
  function read() {
    try {
      return localStorage.getItem(KEPT);
    } catch (error) {
      return null;
    }
  }

  const datum = {
    keys: [...Object.keys(moves), "zone"],
    /* A point of storage, [lon, lat], in the datum: degrees, or metres east and north. */
    from: (point, key, meridian) => (key === "zone" ? toZone(point, meridian === undefined ? meridianOf() : meridian) : moves[key](point)),
    name: (key) => Getu.say("datum_" + key, { meridian: meridianOf() }),
    chosen: () => (datum.keys.includes(read()) ? read() : "cgcs2000"),
    choose(key) {
      try {
        localStorage.setItem(KEPT, key);
      } catch (error) {
        /* kept for this page only */
      }
      document.dispatchEvent(new CustomEvent("getu-datum"));
    },
    /* What a paste from the clipboard is read in: metres of a zone are no degrees. */
    asked: () => (datum.chosen() === "zone" ? "cgcs2000" : datum.chosen()),
    tell(point, key, digits) {
      const [x, y] = datum.from(point, key);
      return key === "zone" ? "x " + y.toFixed(1) + " y " + x.toFixed(1) : x.toFixed(digits) + "°E " + y.toFixed(digits) + "°N";
    },
    copy(point, key) {
      const [x, y] = datum.from(point, key);
      return key === "zone" ? y.toFixed(2) + "," + x.toFixed(2) : x.toFixed(6) + "," + y.toFixed(6);
    },
  };
  Getu.datum = datum;

  /* The readout beside the scale bar: where the pointer is, in the datum that its list names. */
  Getu.wireDatum = function (map) {
    const where = Getu.find("#where");
    if (!where) return;
    const list = Getu.el("select.datum", { id: "datum", "aria-label": Getu.say("datum_pick"), title: Getu.say("datum_pick") }, datum.keys.map((key) => Getu.el("option", { value: key }, datum.name(key))));
    const text = Getu.el("span.num", {});
    list.value = datum.chosen();
    where.replaceChildren(list, text);
    let at = map.getCenter();
    const tell = (latlng) => {
      at = latlng;
      text.textContent = datum.tell([at.lng, at.lat], list.value, 5);
    };
    list.addEventListener("change", () => (datum.choose(list.value), tell(at)));
    map.on("mousemove", (e) => tell(e.latlng));
    map.on("moveend", () => tell(map.getCenter()));
    tell(at);
  };
})();
