// Loaded into Node before Azurite.
const http = require("node:http");
const https = require("node:https");

// Azurite 3.37 closes a connection after five idle seconds (it reads its --blobKeepAliveTimeout under a wrong name). A client
// that polls every five seconds then meets the closing connection now and then, and the Azure SDK waits 15 seconds to retry.
for (const { prototype } of [http.Server, https.Server]) {
  const listen = prototype.listen;
  prototype.listen = function (...where) {
    this.keepAliveTimeout = 600_000;
    return listen.apply(this, where);
  };
}

// With a parent: end when standard input closes, as it does when the process at its other end dies, however it dies.
if (process.env.AERIAL_OPS_WITH_PARENT) {
  process.stdin.resume();
  process.stdin.on("end", () => process.kill(process.pid, "SIGTERM"));
  process.stdin.unref(); // it must not keep an Azurite alive that has been asked to end
}
