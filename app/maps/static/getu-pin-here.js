/* Getu 格图 · where this phone is: watched until the fix is good, told with its accuracy, its age and what went wrong. */
(function () {
  "use strict";
  const GOOD_M = 10;
  const STALE_MS = 15000;
  const FAULTS = { 1: "gps_denied", 2: "gps_unavailable", 3: "gps_timeout" };

  /* good up to 20 m, fair up to 100 m: beyond, the point may lie in the next village. */
  Getu.gradeFix = (fix) => (fix.accuracy <= 20 ? "good" : fix.accuracy <= 100 ? "fair" : "poor");
  Getu.tellAge = function (fix) {
    const seconds = Math.max(0, Math.round((Date.now() - fix.at) / 1000));
    if (seconds < 3) return Getu.say("gps_now");
    return seconds < 60 ? Getu.say("gps_seconds", { n: seconds }) : Getu.say("gps_minutes", { n: Math.floor(seconds / 60) });
  };

  /* tell({fix, fault, seeking}) at every change; stop() ends it, again() begins anew. */
  Getu.watchHere = function (tell) {
    let state = { fix: null, fault: null, seeking: false };
    let watch = null;
    const set = (facts) => tell((state = { ...state, ...facts }));
    function end() {
      if (watch !== null) navigator.geolocation.clearWatch(watch);
      watch = null;
    }
    function take(position) {
      const { longitude, latitude, accuracy } = position.coords;
      const fix = { lon: longitude, lat: latitude, accuracy, at: Date.now() };
      const old = state.fix;
      const better = !old || accuracy <= old.accuracy * 1.2 || fix.at - old.at > STALE_MS;
      const good = accuracy <= GOOD_M;
      if (good) end();
      set({ fix: better ? fix : old, fault: null, seeking: !good });
    }
    function fail(error) {
      const lasting = error.code === 1;
      if (lasting) end();
      set({ fault: FAULTS[error.code] || "gps_unavailable", seeking: !lasting });
    }
    function again() {
      end();
      if (!window.isSecureContext) return set({ fault: "gps_insecure", seeking: false });
      if (!navigator.geolocation) return set({ fault: "gps_unsupported", seeking: false });
      set({ fault: null, seeking: true });
      watch = navigator.geolocation.watchPosition(take, fail, { enableHighAccuracy: true, maximumAge: 0, timeout: 20000 });
    }
    /* A phone in the pocket needs no satellites. */
    const hide = () => (document.hidden ? end() : state.seeking && again());
    document.addEventListener("visibilitychange", hide);
    again();
    return {
      again,
      stop() {
        end();
        document.removeEventListener("visibilitychange", hide);
      },
    };
  };
})();
