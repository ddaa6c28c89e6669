/* Getu 格图 · lengths and areas on the ellipsoid of CGCS2000: true ground metres, whatever the map's projection does to them. */
(function () {
  "use strict";
  const A = 6378137.0;
  const F = 1 / 298.257222101;
  const B = A * (1 - F);
  const E2 = F * (2 - F);
  const RAD = Math.PI / 180;

  /* Metres between two [lon, lat]: Vincenty's inverse formula (Survey Review 1975), to 0.5 mm; the sphere where it does not settle. */
  function length([lon1, lat1], [lon2, lat2]) {
    const u1 = Math.atan((1 - F) * Math.tan(lat1 * RAD));
    const u2 = Math.atan((1 - F) * Math.tan(lat2 * RAD));
    const [sin1, cos1, sin2, cos2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
    const far = (lon2 - lon1) * RAD;
    let lambda = far;
    for (let round = 0; round < 100; round++) {
      const sinS = Math.hypot(cos2 * Math.sin(lambda), cos1 * sin2 - sin1 * cos2 * Math.cos(lambda));
      if (sinS === 0) return 0;
      const cosS = sin1 * sin2 + cos1 * cos2 * Math.cos(lambda);
      const sigma = Math.atan2(sinS, cosS);
      const sinA = (cos1 * cos2 * Math.sin(lambda)) / sinS;
      const cos2A = 1 - sinA * sinA;
      const cosM = cos2A === 0 ? 0 : cosS - (2 * sin1 * sin2) / cos2A;
      const c = (F / 16) * cos2A * (4 + F * (4 - 3 * cos2A));
      const before = lambda;
      lambda = far + (1 - c) * F * sinA * (sigma + c * sinS * (cosM + c * cosS * (2 * cosM * cosM - 1)));
      if (Math.abs(lambda - before) > 1e-12) continue;
      const k = (cos2A * (A * A - B * B)) / (B * B);
      const big = 1 + (k / 16384) * (4096 + k * (k * (320 - 175 * k) - 768));
      const small = (k / 1024) * (256 + k * (k * (74 - 47 * k) - 128));
      const shift = small * sinS * (cosM + (small / 4) * (cosS * (2 * cosM * cosM - 1) - (small / 6) * cosM * (4 * sinS * sinS - 3) * (4 * cosM * cosM - 3)));
      return B * big * (sigma - shift);
    }
    return Math.acos(Math.min(1, Math.sin(lat1 * RAD) * Math.sin(lat2 * RAD) + Math.cos(lat1 * RAD) * Math.cos(lat2 * RAD) * Math.cos(far))) * 6371008.8;
  }

  /* Square metres of a ring of [lon, lat]: the equal-area latitude makes the ellipsoid a sphere of the same area, whose
     lunes are summed up edge by edge (edges of a few kilometres: geodesic and straight line differ by less than 1e-6). */
  const E = Math.sqrt(E2);
  const q = (sin) => (1 - E2) * (sin / (1 - E2 * sin * sin) + Math.atanh(E * sin) / E);
  const POLE = q(1);
  const R2 = (A * A * POLE) / 2;
  const authalic = (lat) => Math.asin(q(Math.sin(lat * RAD)) / POLE);
  function area(ring) {
    let sum = 0;
    ring.forEach(([lon1, lat1], at) => {
      const [lon2, lat2] = ring[(at + 1) % ring.length];
      const far = (lon2 - lon1) * RAD;
      const t1 = Math.tan(authalic(lat1) / 2);
      const t2 = Math.tan(authalic(lat2) / 2);
      sum += 2 * Math.atan2(Math.tan(far / 2) * (t1 + t2), 1 + t1 * t2);
    });
    return Math.abs(sum) * R2;
  }

  const path = (line) => line.slice(1).reduce((sum, point, at) => sum + length(line[at], point), 0);

  /* Whether two edges of the closed ring cross: what it encloses is then no area. */
  function crosses(ring) {
    const side = (a, b, c) => Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));
    for (let i = 0; i < ring.length; i++)
      for (let j = i + 2; j < ring.length; j++) {
        if (i === 0 && j === ring.length - 1) continue;
        const [a, b, c, d] = [ring[i], ring[i + 1], ring[j], ring[(j + 1) % ring.length]];
        if (side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0) return true;
      }
    return false;
  }

  Getu.geodesy = { length, area, path, crosses };
})();
