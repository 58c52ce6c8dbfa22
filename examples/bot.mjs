import { Client, LocalAuth } from 'holdfast';
import { renderUnicodeCompact } from 'uqr';

const client = new Client({ authStrategy: new LocalAuth() });

client.on('qr', (qr) => console.log(renderUnicodeCompact(qr)));
client.on('ready', () => console.log('Ready as', client.info?.pushname));

await client.initialize();
