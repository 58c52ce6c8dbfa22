export const PAGE_HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>WhatsApp stand-in</title>
<link rel="icon" href="data:,">
<style>
body { margin: 0; min-height: 100vh; display: grid; place-content: center; text-align: center;
  font: 18px/1.5 system-ui, sans-serif; color: #1c2b33; background: #f3f1ec; }
h1 { font-size: 32px; margin: 0 0 8px; }
p { margin: 0; min-height: 1.5em; }
small { display: block; margin-top: 32px; color: #5e6b73; }
</style>
<script type="module" src="/app/boot.js"></script>
</head>
<body>
<main>
<h1 id="state" role="status">Starting</h1>
<p id="detail"></p>
<small>A stand-in for web.whatsapp.com on this machine. Nothing here reaches WhatsApp.</small>
</main>
</body>
</html>
`;
