import { defineConfig } from 'vite'

// As in gateway/Caddyfile: nothing but what the page itself brings, and nobody else's frame.
const policy = [
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'",
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
].join('; ')

export default defineConfig({
  appType: 'mpa', // another path is a 404
  build: { modulePreload: false, assetsInlineLimit: 0 }, // the policy forbids what is inlined
  preview: {
    headers: {
      'Content-Security-Policy': policy,
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
    },
  },
})
