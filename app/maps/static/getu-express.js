/* Getu 格图 · reads the expressions of a MapLibre style, so that layers switched on later look alike without WebGL. */
(function () {
  "use strict";
  const has = (value) => value !== null && value !== undefined;

  function interpolate(input, stops) {
    if (input <= stops[0]) return stops[1];
    for (let n = 2; n < stops.length; n += 2)
      if (input < stops[n]) return stops[n - 1] + ((stops[n + 1] - stops[n - 1]) * (input - stops[n - 2])) / (stops[n] - stops[n - 2]);
    return stops[stops.length - 1];
  }

  const VERBS = {
    get: (p, zoom, [key]) => p[key],
    has: (p, zoom, [key]) => has(p[key]),
    zoom: (p, zoom) => zoom,
    literal: (p, zoom, [value]) => value,
    coalesce: (p, zoom, rest) => rest.map((one) => read(one, p, zoom)).find(has),
    case(p, zoom, rest) {
      for (let n = 0; n + 1 < rest.length; n += 2) if (read(rest[n], p, zoom)) return read(rest[n + 1], p, zoom);
      return read(rest[rest.length - 1], p, zoom);
    },
    match(p, zoom, [input, ...rest]) {
      const value = read(input, p, zoom);
      for (let n = 0; n + 1 < rest.length; n += 2) if ([].concat(rest[n]).includes(value)) return read(rest[n + 1], p, zoom);
      return read(rest[rest.length - 1], p, zoom);
    },
    step(p, zoom, [input, first, ...rest]) {
      const value = read(input, p, zoom);
      let found = first;
      for (let n = 0; n < rest.length; n += 2) if (value >= rest[n]) found = rest[n + 1];
      return read(found, p, zoom);
    },
    interpolate: (p, zoom, [, input, ...stops]) => interpolate(read(input, p, zoom), stops.map((one) => read(one, p, zoom))),
    concat: (p, zoom, rest) => rest.map((one) => read(one, p, zoom)).join(""),
    "to-string": (p, zoom, [one]) => String(read(one, p, zoom)),
    in: (p, zoom, [one, list]) => read(list, p, zoom).includes(read(one, p, zoom)),
    sqrt: (p, zoom, [one]) => Math.sqrt(read(one, p, zoom)),
    max: (p, zoom, rest) => Math.max(...rest.map((one) => read(one, p, zoom))),
    min: (p, zoom, rest) => Math.min(...rest.map((one) => read(one, p, zoom))),
    all: (p, zoom, rest) => rest.every((one) => read(one, p, zoom)),
    any: (p, zoom, rest) => rest.some((one) => read(one, p, zoom)),
    "!": (p, zoom, [one]) => !read(one, p, zoom),
    "+": (p, zoom, rest) => rest.reduce((sum, one) => sum + read(one, p, zoom), 0),
    "-": (p, zoom, [a, b]) => read(a, p, zoom) - read(b, p, zoom),
    "*": (p, zoom, [a, b]) => read(a, p, zoom) * read(b, p, zoom),
    "/": (p, zoom, [a, b]) => read(a, p, zoom) / read(b, p, zoom),
    "==": (p, zoom, [a, b]) => read(a, p, zoom) === read(b, p, zoom),
    "!=": (p, zoom, [a, b]) => read(a, p, zoom) !== read(b, p, zoom),
    "<": (p, zoom, [a, b]) => read(a, p, zoom) < read(b, p, zoom),
    "<=": (p, zoom, [a, b]) => read(a, p, zoom) <= read(b, p, zoom),
    ">": (p, zoom, [a, b]) => read(a, p, zoom) > read(b, p, zoom),
    ">=": (p, zoom, [a, b]) => read(a, p, zoom) >= read(b, p, zoom),
  };

  function read(expression, p, zoom) {
    if (!Array.isArray(expression)) return expression;
    const verb = VERBS[expression[0]];
    return verb ? verb(p, zoom, expression.slice(1)) : undefined;
  }
  Getu.express = read;

  /* Leaflet path options of a feature in the fills, lines and circles of a style; icons become dots. */
  Getu.pathsOf = function (layers, p, zoom) {
    const paths = [];
    for (const { type, paint = {}, layout = {}, filter, minzoom, maxzoom, metadata = {} } of layers) {
      if ((filter && !read(filter, p, zoom)) || zoom < (minzoom || 0) || zoom >= (maxzoom || 99)) continue;
      const of = (key, other) => (has(paint[key]) ? read(paint[key], p, zoom) : other);
      if (type === "fill") paths.push({ fill: true, fillColor: of("fill-color", "#ccc"), fillOpacity: of("fill-opacity", 1), stroke: false });
      if (type === "line") paths.push({ fill: false, stroke: true, color: of("line-color", "#666"), weight: of("line-width", 1), opacity: of("line-opacity", 1), dashArray: paint["line-dasharray"] ? paint["line-dasharray"].map((n) => n * 2).join(" ") : null });
      if (type === "circle") paths.push({ fill: true, fillColor: of("circle-color", "#666"), fillOpacity: of("circle-opacity", 1), stroke: true, color: of("circle-stroke-color", "#fff"), weight: of("circle-stroke-width", 1), radius: of("circle-radius", 4) });
      if (type === "symbol" && layout["icon-image"]) paths.push({ fill: true, fillColor: metadata.colour || "#40505b", fillOpacity: 1, stroke: true, color: "#fff", weight: 1.5, radius: 5 });
    }
    return paths;
  };
})();
