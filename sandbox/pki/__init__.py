"""The sandbox's certification authority: what is made once, and what answers over HTTP.

`making` writes a new authority into a folder; `services` answers OCSP, CRL, certificate and
time-stamp requests from that folder. Both read the same plan, `profiles`.
"""
