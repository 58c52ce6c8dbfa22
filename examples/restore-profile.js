const { MemoryStore } = require('holdfast');
const { restoreSession, listSessions } = require('holdfast/engine');

async function main() {
  const store = new MemoryStore(); // FileStore, or one of your own
  for (const { session } of await listSessions(store)) {
    const restored = await restoreSession({ store, session, targetDir: `./restored/${session}` });
    console.log(session, 'is as it was at', restored.savedAt);
  }
  console.log('Restored all sessions.');
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
