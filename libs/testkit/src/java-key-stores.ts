/**
 * Key and trust stores that Java's keytool (17) has made, since nothing here writes their formats: one key of an
 * elliptic curve for localhost, made for these tests and used nowhere else, and its own certificate to be trusted.
 */
export const javaKeyStores = {
  storePassword: 'store-password',
  /** Of the key in `jks` alone; PKCS12 has one password for all. */
  keyPassword: 'key-password',
  trustPassword: 'trust-password',
  jks: bytes(
    '/u3+7QAAAAIAAAABAAAAAQAGYnJva2VyAAABogKQE9gAAAB/MH0wDgYKKwYBBAEqAhEBAQUABGu0zaQffznpZw3L' +
      '7OKvMibttxdsDFfBpINj1eCZvH6PgaZKiY/1Rhh52BeTDL8FPV6zgKQ+/Mig0DyGr73KkiLD84XjRm/usjZKeHR4' +
      'RAj6ztDe2g4koNr8t71FATuBHOpb6YnFvG/A5MnveQAAAAEABVguNTA5AAABijCCAYYwggEtoAMCAQICCEpNFUf+' +
      '0fAhMAoGCCqGSM49BAMCMCkxEzARBgNVBAoTClRocm93IGF3YXkxEjAQBgNVBAMTCWxvY2FsaG9zdDAgFw0yNjEx' +
      'MjIwOTIyMDZaGA8yMDc2MTEwOTA5MjIwNlowKTETMBEGA1UEChMKVGhyb3cgYXdheTESMBAGA1UEAxMJbG9jYWxo' +
      'b3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEOy8RsumpzMsMH0hyDYGlXyedCVuJYVvQqLwQ56I+Nxr4CWRb' +
      'N6P1u++kO2rcD+OrRq70I51xKQRUNyPexjZqSqM9MDswHQYDVR0OBBYEFI/YT/XqeAkNvfq2M1PsK19dna7RMBoG' +
      'A1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAKBggqhkjOPQQDAgNHADBEAiAnjNNnpthw3K6gFzVFlsCXEuhR+NnG' +
      'GNTpt1hts4Hd6AIgG90qZNC28UpPou2zO2XvM4MCdlwdDkl4+Xj9nsGDOMHaXpK0Vt7PWKLuRe86W3SOhM8eGQ==',
  ),
  pkcs12: bytes(
    'MIIEMAIBAzCCA9oGCSqGSIb3DQEHAaCCA8sEggPHMIIDwzCCASoGCSqGSIb3DQEHAaCCARsEggEXMIIBEzCCAQ8G' +
      'CyqGSIb3DQEMCgECoIG9MIG6MGYGCSqGSIb3DQEFDTBZMDgGCSqGSIb3DQEFDDArBBQJAMlpiRKvpB85EPQpJDmA' +
      'uo1mJgICJxACASAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEHE3JIKr6wBkH4sH+1pmeSgEUMmvWJ6w79xy' +
      'vBHDCc9uN5eMK5odHOnAq/4KFg8teSrV9bB9sWc080hJNQB2/x47hl90Oz7Zbim9DdQUFC2w8iaeP1hqfCyq77Z3' +
      'oVuwcwlMMUAwGwYJKoZIhvcNAQkUMQ4eDABiAHIAbwBrAGUAcjAhBgkqhkiG9w0BCRUxFAQSVGltZSAxNzk1MzM5' +
      'MzI4NTM5MIICkQYJKoZIhvcNAQcGoIICgjCCAn4CAQAwggJ3BgkqhkiG9w0BBwEwZgYJKoZIhvcNAQUNMFkwOAYJ' +
      'KoZIhvcNAQUMMCsEFBVHGYazSxB8nwKKe2GvTKiaQvZ4AgInEAIBIDAMBggqhkiG9w0CCQUAMB0GCWCGSAFlAwQB' +
      'KgQQe+hdb4VFFg5g1qmu9jItvoCCAgA9VuBlXGAzJLpMIXHxidkO/w/pV7f1N73QSINKDVZ2tUi5k6ZXFG082chS' +
      '28LsjcfdiMDd0YvK3Z6rEANOHTFA9IB68WC/WCZI3T/SJBJ6fzAkbyq4ocY9UNdHRatCkTmDzmOUBG4xFn8obGTZ' +
      'mn9xZp5t+cIRTl3MbnqqQlOOjJ1Ec8EYh/tXbn331cvAmzU8ht1ZxBAgz5qKVbWiPPH0RquN9hQmNJV2TcU7s9gd' +
      'QfLwrIaRQHLBFKRZGdBW8mmeDze7GZOGwx4Dlz6CNuu44DBeY3cXv4F97OZ1KAtKUiyVIQGxO7BX8z4xUG8a2hCp' +
      'v/nd+UeMqE8SKEE8mpMi63tV/n95vOWPLTO6ZHGeI/Ijd1I4c/b1NVvdFNyiCk/0q1w0Zrz2sKplGXPQYYVj156B' +
      'cy24Zno9igtvLc4CgXxWcR4CMfRSAuO8v8NaECceD/r9V7OB6eJEooIWSnyEogMqJKsGf+mISXDvO3IRKpqs/er5' +
      '3LPzBHq1cYW3iPPp6zuGdvMnal9ew/KU1exhlCYQEpTPDUJVEiWhKKvz/ZzICgs4oLLfHvtg9Qla4mLNeATl/jtb' +
      'l3XqSUNFJ5CLwiy04kqQrwbYjuOF92cgljyyy445JcE9wxTorGtcq+GqDPB/QeWy8zQ3jemAbgJRv+RcNbth5kts' +
      'ibXQxWy80zBNMDEwDQYJYIZIAWUDBAIBBQAEIPcPT25lPV6LksuSWDJ9FM/PNVcBfFj4oXz9q87Dars1BBS2+M48' +
      'WQva3LA2kLKy29lii2xWhQICJxA=',
  ),
  /** As Java 8 made it, with ciphers that OpenSSL 3 refuses. */
  legacyPkcs12: bytes(
    'MIIDmAIBAzCCA1EGCSqGSIb3DQEHAaCCA0IEggM+MIIDOjCB3wYJKoZIhvcNAQcBoIHRBIHOMIHLMIHIBgsqhkiG' +
      '9w0BDAoBAqB3MHUwKQYKKoZIhvcNAQwBAzAbBBSGGJPmZw9uwwqEaqOmWbBiYmG04gIDAMNQBEiynbaWEBkZI+Ij' +
      'zbp9AoNEoBkQPsXH381XU+YDSJnOW+8GtTruKgSJ9TMoqt/7MMtq3KdPopT+0fC0wHL2/9ci2aum9GsozJIxQDAb' +
      'BgkqhkiG9w0BCRQxDh4MAGIAcgBvAGsAZQByMCEGCSqGSIb3DQEJFTEUBBJUaW1lIDE3OTUzMzkzMzA5NDAwggJU' +
      'BgkqhkiG9w0BBwagggJFMIICQQIBADCCAjoGCSqGSIb3DQEHATApBgoqhkiG9w0BDAEGMBsEFLc+z3hyLif0fIKP' +
      'Fgthyqxhm2urAgMAw1CAggIAi3gxfgR8fPd7kkrMRQU5tILizYJUrfVUIAG3FNmISfHYs6N21MDw/4NfyTMmArqa' +
      '2voPJNzMKvDS8NdjTqKz1Lw/ZkX/MVkWHF3k6BOkXQ0i5oZXi2oJrOIt/Iuezg0o5chuZzuySK98o1UqG+iym5Ou' +
      'X+Eue+5gigcFbBGsx8GMrpQJyXqViJWE0M4mqwzJU1lgLk9kZzK5Cilum/eA1lWJIetG3xa3nerX34IjuVw08cSg' +
      'yX/tRDzSi9S5e/OeqKhWs5uOopPjBzyo15GYQO6Z7hDl+/ejsyU3dhqtxMOxohZpJIqbdZokpJzWS9lyzASJbwr9' +
      'Ir7GQULtX71ngxWJSQBhfRn0Xu6tm8qxxoPf0f5s6jv9G62g/as44dENAyE8gp9Phkm22knbmJw05CNQGSMBi2iN' +
      'zlVF6sH/3TsJpRkUBde8VWKppK/HMVeZworWPYjvBtz6C25yxirj+pWRBn1en94wGllyd/lv7f8EWgT7/BKroKD9' +
      'FoP/2kZFCchaUftUNwB6nmKG9z3a5DwvHMx9emGGxUFUqerB5ICopX7uUK9SAx8YD7lYGIIqZxBjuPBod5ci5t0q' +
      'GMMyinhi85cx9wAyfdORu4H4yDVQhf0/idiZQtRPXi5GivigeMRVjiBzlFVfLBORp8obdLMzKHTPu9E8QMcT7nX0' +
      'l1kwPjAhMAkGBSsOAwIaBQAEFNvyQflrFlH3rqRdhLiPwoXLkA6mBBS4lwCwunCet4sgyVFjuIPz/gnhcQIDAYag',
  ),
  jksTrust: bytes(
    '/u3+7QAAAAIAAAABAAAAAgABYQAAAaICkC0+AAVYLjUwOQAAAYowggGGMIIBLaADAgECAghKTRVH/tHwITAKBggq' +
      'hkjOPQQDAjApMRMwEQYDVQQKEwpUaHJvdyBhd2F5MRIwEAYDVQQDEwlsb2NhbGhvc3QwIBcNMjYxMTIyMDkyMjA2' +
      'WhgPMjA3NjExMDkwOTIyMDZaMCkxEzARBgNVBAoTClRocm93IGF3YXkxEjAQBgNVBAMTCWxvY2FsaG9zdDBZMBMG' +
      'ByqGSM49AgEGCCqGSM49AwEHA0IABDsvEbLpqczLDB9Icg2BpV8nnQlbiWFb0Ki8EOeiPjca+AlkWzej9bvvpDtq' +
      '3A/jq0au9COdcSkEVDcj3sY2akqjPTA7MB0GA1UdDgQWBBSP2E/16ngJDb36tjNT7CtfXZ2u0TAaBgNVHREEEzAR' +
      'gglsb2NhbGhvc3SHBH8AAAEwCgYIKoZIzj0EAwIDRwAwRAIgJ4zTZ6bYcNyuoBc1RZbAlxLoUfjZxhjU6bdYbbOB' +
      '3egCIBvdKmTQtvFKT6Ltsztl7zODAnZcHQ5JePl4/Z7BgzjBuGhtQ9sWTR+/hNcRuRGu4uLWzzk=',
  ),
  pkcs12Trust: bytes(
    'MIIC8gIBAzCCApwGCSqGSIb3DQEHAaCCAo0EggKJMIIChTCCAoEGCSqGSIb3DQEHBqCCAnIwggJuAgEAMIICZwYJ' +
      'KoZIhvcNAQcBMGYGCSqGSIb3DQEFDTBZMDgGCSqGSIb3DQEFDDArBBS70cmiCscx1iQpBUBeFSrAvwOpPQICJxAC' +
      'ASAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEDowRjckoiox6Iu3Pwk7iaeAggHwrXbJWN4hA+xgroIGQ630' +
      'ofK8GXtPvdEM9n0RaV7NtTo6lmQZ3yKSy6Qyu4k0foZLuG7T2ZhaBj3JAbRvZdB0e7Gg4nr5MubvUulStzA7hV34' +
      'cHF1gl/JVgaHRJ6A/b5VkCu04oztqsSiR3Av0xw0IvTe7DzcGQsh8NpiRSah0t8u/vb5Bd9I5+EZEANGbk03mJg8' +
      '50mNw2ypgxLfS08J3qO4t9Dq2GlHv7BZTydKPESKm2tPl76b28MM+sm4eJ1FP8GJ2oXD3uI6ylRUIVa30NUu0kuk' +
      'ZVguC4M20k/nYlv9AwMyHsPgAnjBYH+h12VBh1fA/ulUsZaJBZDfQPIJW0EcF8OyOVeSvSpURGCznvNI2WpvH7eO' +
      'paRKaFEaMlN3HiiAShzs4oNoKGwov/wiZT1M1extFVSH6ogAAe7UVy1au/7aDUvIVf1VF6LlTE7r6Mxq8REs5aVr' +
      'SAqfs5Rf+mFe2+e9w0xhYer387o/X/tZRQbvltszlqFrYEHNsUD54tPer/RzUkx8H8tz7c8/lE/erNYynEZSHieZ' +
      'tspZ4/c6KLLCfAsOcL5Gw8MzsNNeiO8/YkCUsgO+g4nJ7Bt878fDxX6K6T+l1dDDrNvl6rih6AJOnxcWiM+kRw6I' +
      'rokwtAk/qIZXT7ntSEH9q7Za7jBNMDEwDQYJYIZIAWUDBAIBBQAEIBQ16mG4olzbT6qb9vYT752M90OWdr8vOzM7' +
      'xBIk7F7YBBSHlnyosQso1cg4OlWyoTL1MKQ6SwICJxA=',
  ),
} as const;

function bytes(base64: string): Buffer {
  return Buffer.from(base64, 'base64');
}
