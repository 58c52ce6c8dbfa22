import { createHash, X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import { expect, test } from 'vitest';
import { createCertificate } from '../../src/standin/certificate.js';
import { startStandIn } from './stand-in.js';

test('the certificate is one Node’s own X.509 reader accepts, for the host and for now', () => {
  for (let round = 0; round < 50; round++) {
    const { cert, spkiHash } = createCertificate('web.whatsapp.com');
    const read = new X509Certificate(cert);
    expect(read.subjectAltName).toBe('DNS:web.whatsapp.com');
    expect(read.checkHost('web.whatsapp.com')).toBe('web.whatsapp.com');
    expect(read.verify(read.publicKey)).toBe(true);
    expect(Date.parse(read.validFrom)).toBeLessThan(Date.now());
    expect(Date.parse(read.validTo)).toBeGreaterThan(Date.now() + 24 * 60 * 60 * 1000);
    const spki = read.publicKey.export({ type: 'spki', format: 'der' });
    expect(createHash('sha256').update(spki).digest('base64')).toBe(spkiHash);
  }
});

test('only Chromium’s two arguments lead to the stand-in, and its certificate is nobody else’s', async () => {
  const standIn = await startStandIn();
  try {
    expect(standIn.launchArgs).toHaveLength(2);
    const port = Number(/127\.0\.0\.1:(\d+)$/.exec(standIn.launchArgs[0] ?? '')?.[1]);
    const failure = await new Promise<Error>((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, servername: 'web.whatsapp.com' });
      socket.on('error', resolve);
      socket.on('secureConnect', () => {
        socket.destroy();
        reject(new Error('trusted'));
      });
    });
    expect(failure).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  } finally {
    await standIn.close();
  }
});
