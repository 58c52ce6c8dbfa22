const path = require('node:path');
const { AuthStrategy, Client } = require('holdfast');

class LoggingAuth extends AuthStrategy {
  async beforeBrowserInitialized() {
    const { puppeteer } = this.client.options;
    const userDataDir = path.resolve('my-profile');
    this.client.options.puppeteer = { ...puppeteer, userDataDir };
  }

  async afterAuthReady() {
    console.log('Linked: the profile now holds the login');
  }

  async logout() {
    console.log('Logged out: remove what was kept');
  }
}

const client = new Client({ authStrategy: new LoggingAuth() });
client.on('qr', (qr) => console.log(qr));
client.initialize();
