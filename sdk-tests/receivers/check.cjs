// Receives webhooks in JavaScript, with the published Standard Webhooks library.
//
// Reads requests in the form of `vectors/webhook.json` on standard input, and writes for each, by its name, which checks
// accept it, in the form of its `expected`.

const { Webhook } = require('standardwebhooks');

function acceptsStandard(body, headers, secret, now) {
  Date.now = () => now * 1000;
  try {
    new Webhook(secret).verify(body, headers);
  } catch {
    return false; // The library throws several kinds; each refuses.
  }
  return true;
}

function check({ request: { body, headers }, receiver: { secrets: [secret], now } }) {
  const asBytes = 'whsec_' + Buffer.from(secret, 'utf8').toString('base64');
  return {
    standard: acceptsStandard(body, headers, secret, now),
    standard_utf8: acceptsStandard(body, headers, asBytes, now),
  };
}

const { vectors } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(Object.fromEntries(vectors.map((vector) => [vector.name, check(vector)]))));
