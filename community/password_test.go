package community_test

import (
	"strings"
	"testing"

	"drystone/community"
	"drystone/fault"
)

func TestCheckPassword(t *testing.T) {
	about := []string{"cat.smith@mail.example", "The Garden", "garden.example"}
	refused := []string{
		"", "short", "ninechars", strings.Repeat("x ", 513), "with a \x00 in it", "not text \xff\xfe",
		"password123", "Password123!", "P@ssw0rd2024", "p4ssw0rd2024", "passwordpassword", "PASSWORD PASSWORD", "pässwörd99",
		"qwertyuiop", "qwerty12345", "1234567890", "0987654321", "12345678901234567890", "1q2w3e4r5t", "abcdefghijkl", "zyxwvutsrq",
		"aaaaaaaaaa", "abababababab", "1231231231", "..........", "iloveyou2009", "letmein2024!", "football#football", "ｐａｓｓｗｏｒｄ１２３",
		"welcome-admin-1", "dragon monkey 77", "!!!!sunshine!!!!", "Jesus Christ", "trustno1trustno1",
		"catherine_THE", "Catherine_the1", "catherine.catherine", "cathérine2024", "C4th3r1n3_the", "cat.smith1", "smith-smith-1", "mail.example",
		"the garden", "garden2024", "garden.example", "Garden Catherine", "catherinepassword",
	}
	for _, password := range refused {
		err := community.CheckPassword("catherine_the", password, about...)
		if e, ok := fault.As(err); !ok || e.Code != fault.Invalid || e.Field != "password" || e.Message == "" {
			t.Errorf("CheckPassword(%q) = %v", password, err)
		}
		if err != nil && len(password) > 3 && strings.Contains(err.Error(), password) {
			t.Errorf("%q is told again", password)
		}
	}
	taken := []string{
		"correct horse battery", "a wall of dry stone", "stone upon stone", "nine copes under lime", "ünïcödé!!!", "vier Steine und ein Garten",
		"kX9#vQ2$mL7", "gm7yTjAhfrCw", "8412907356", "catherine wheels turning", "the garden gate squeaks", "红砖墙边的三只猫在晒太阳", "\u202eright to left\u202c",
		"password for the shed door", "dragon monkey football shadow", strings.Repeat("long words ", 90),
	}
	for _, password := range taken {
		if err := community.CheckPassword("catherine_the", password, about...); err != nil {
			t.Errorf("CheckPassword(%q) = %v", password, err)
		}
	}
}
