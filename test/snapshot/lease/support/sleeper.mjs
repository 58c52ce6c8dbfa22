// Stands for a browser that outlives its owner; it ends when it is asked to.
setInterval(() => undefined, 1000);
