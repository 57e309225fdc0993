.[0] | length == 2 and .[1] == {} and (.[0] |
	.quote == "a\"b\\c" and .control == "a\n\t\u001b[31m" and
	.utf8 == "é€" and .broken == "x\ufffd\ufffd" and .negative == -5 and
	.real == 0.05 and .flag and .silent == 1 and .empty == [] and
	.list == ["one", "two", {}] and .lladdr == "00:01:ab:ff" and
	.v4net == "192.0.2.1/24" and .mapped == "::ffff:192.0.2.1/90")
