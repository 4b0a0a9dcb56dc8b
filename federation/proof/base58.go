package proof

import (
	"slices"
	"strings"

	"drystone/fault"
)

// alphabet is that of base58btc: no 0, O, I or l.
const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// mostText bounds what is decoded, since the work grows with the square: an
// RSA key of 8192 bits has 1420 characters.
const mostText = 2048

// encode writes data as a multibase text in base58btc, which begins with a z.
func encode(data []byte) string {
	var digits []byte // of base 58, the least first
	for _, b := range data {
		carry := int(b)
		for i := range digits {
			carry += int(digits[i]) << 8
			digits[i], carry = byte(carry%58), carry/58
		}
		for ; carry > 0; carry /= 58 {
			digits = append(digits, byte(carry%58))
		}
	}
	for _, b := range data {
		if b != 0 {
			break
		}
		digits = append(digits, 0)
	}
	slices.Reverse(digits)
	for i, d := range digits {
		digits[i] = alphabet[d]
	}
	return "z" + string(digits)
}

// decode reads what encode writes.
func decode(text string) ([]byte, error) {
	digits, ok := strings.CutPrefix(text, "z")
	if !ok || len(digits) > mostText {
		return nil, fault.New(fault.Invalid, "%.100q is not written in base58btc.", text)
	}
	var data []byte // the least byte first
	for i := range len(digits) {
		carry := strings.IndexByte(alphabet, digits[i])
		if carry < 0 {
			return nil, fault.New(fault.Invalid, "%.100q is not written in base58btc.", text)
		}
		for j := range data {
			carry += int(data[j]) * 58
			data[j], carry = byte(carry), carry>>8
		}
		for ; carry > 0; carry >>= 8 {
			data = append(data, byte(carry))
		}
	}
	for i := 0; i < len(digits) && digits[i] == '1'; i++ {
		data = append(data, 0)
	}
	slices.Reverse(data)
	return data, nil
}
