"""Check the IP addresses that a download may connect to: those of the public internet, and no others.

An entry of ``params.yaml`` can come from someone else's branch, and a redirect from any server. Neither may make the
machine that runs ``winnow fetch`` talk to itself, to its network or to a cloud's metadata service.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address, public IPv4 seen from IPv6
_UNICAST = IPv6Network("2000::/3")  # RFC 4291: all that is given out as global unicast
# not for hosts of the public internet, and not in every Python's list of private networks
_V4 = tuple(map(IPv4Network, ("192.0.0.0/24", "192.88.99.0/24")))  # RFC 6890, RFC 7526
_V6 = tuple(map(IPv6Network, ("2001::/23", "2002::/16", "2001:db8::/32", "3fff::/20")))  # Teredo and others, 6to4


def is_public(address: str) -> bool:
    """Tell whether ``address`` belongs to the public internet; IPv4 inside IPv6 counts as IPv4.

    >>> [is_public(one) for one in ("1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101")]
    [True, True, True, True]
    >>> [is_public(one) for one in ("127.0.0.1", "169.254.169.254", "100.64.0.1", "::ffff:10.0.0.1", "fe80::1%eth0")]
    [False, False, False, False, False]
    """
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        elif ip in _NAT64:
            ip = IPv4Address(int(ip) & 0xFFFFFFFF)
        else:
            return ip in _UNICAST and ip.is_global and not any(ip in network for network in _V6)
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not any(ip in network for network in _V4)
