// An HTTPS proxy that answers CONNECT for the public IMS host name with the Tollgate of TOLLGATE_DEMO_JSON, and for
// nothing else. Prints its own URL; ends when its input ends.
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { demo } from './demo.mjs';

const target = new URL(demo.base_url);
const proxy = createServer((_, response) => response.writeHead(405).end());
proxy.on('connect', (request, client, head) => {
  if (request.url !== 'ims-na1.adobelogin.com:443') return client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  const upstream = connect(Number(target.port), target.hostname, () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    upstream.write(head);
    client.pipe(upstream).pipe(client);
  });
  upstream.on('error', () => client.destroy());
  client.on('error', () => upstream.destroy());
});
proxy.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${proxy.address().port}`));
process.stdin.resume().on('end', () => process.exit(0));
