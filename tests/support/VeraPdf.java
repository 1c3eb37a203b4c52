import java.io.FileInputStream;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** VeraPdf 3a,ua1 FILE…: runs each profile over each file; a line each, then a line for every rule that failed. */
public class VeraPdf {
    public static void main(String[] arguments) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        for (int place = 1; place < arguments.length; place++) {
            for (String profile : arguments[0].split(",")) {
                run(arguments[place], PDFAFlavour.fromString(profile));
            }
        }
    }

    private static void run(String file, PDFAFlavour flavour) throws Exception {
        try (PDFAParser parser = Foundries.defaultInstance().createParser(new FileInputStream(file), flavour)) {
            PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, 5, false, false, false);
            ValidationResult result = validator.validate(parser);
            String verdict = result.isCompliant() ? "passed" : "failed";
            System.out.println(verdict + " " + flavour.getId() + " " + result.getTotalAssertions() + " " + file);
            for (TestAssertion one : result.getTestAssertions()) {
                System.out.println("  " + one.getRuleId().getClause() + "-" + one.getRuleId().getTestNumber() + ": "
                    + one.getMessage() + " @ " + one.getLocation().getContext());
            }
        }
    }
}
