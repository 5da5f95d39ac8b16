// Preloaded into the server: SIGUSR2 is a fault that nobody catches.
import process from 'node:process';

process.on('SIGUSR2', () => {
  throw new Error('a fault of our own');
});
